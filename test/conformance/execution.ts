import type { TestSystem } from '../harness/system.ts';
import type { Visitor } from '../harness/visitor.ts';

export const idOf = async (visitor: Visitor) => (await visitor.send('{ me { id } }')).data.me.id as string;

/** Everything that executes, tried on one job and one record. */
export const executing = (jobId: string, asOperator: string, recordId: string): readonly [string, object][] => [
  ['claimJob', { jobId, asOperator }],
  ['releaseJob', { jobId }],
  ['startJob', { jobId }],
  ['advanceStage', { jobId, toStage: 'resolution' }],
  ['attachEvidence', { jobId, kind: 'NOTE', note: 'x' }],
  ['completeServiceEvent', { jobId, outcome: 'RESOLVED' }],
  ['abortServiceEvent', { jobId, reason: 'x' }],
  ['completeJob', { jobId }],
  ['correctRecord', { recordId, reason: 'x', evidence: [{ kind: 'NOTE', note: 'x' }] }],
];

/** Somebody new, registered, who has seen what the others have. */
export async function somebody(system: TestSystem, seen: readonly Visitor[], roles: readonly string[] = []) {
  const visitor = system.visitor({ roles });
  await visitor.register();
  return visitor.learn(...seen);
}
