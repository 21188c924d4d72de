export * from './governance-task.ts';
export * from './pool.ts';
export * from './role-grant.ts';
export * from './task.ts';
