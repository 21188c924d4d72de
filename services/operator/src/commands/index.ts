export * from './identity.ts';
export * from './operator.ts';
export * from './people.ts';
