export * from './correct-record.ts';
export * from './service-event.ts';
