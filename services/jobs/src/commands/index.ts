export * from './job.ts';
export * from './submit-request.ts';
