import { fromWire, type Incoming, type ReactionTx, sql } from '@qtm/service-kit';
import { create, governanceTaskId, type ReviewedEvent } from './domain/governance-task.ts';
import { audienceOf, open } from './domain/task.ts';
import { governanceTasks, tasks } from './store.ts';

/** What other services decide, and what follows from it here. */
export const reactions = {
  'jobs.intake_received': intakeReceived,
  'transfer.transfer_proposed': putBeforeReview('transfer_proposed'),
  'transfer.transfer_accepted': putBeforeReview('transfer_accepted'),
  'transfer.transfer_completed': putBeforeReview('transfer_completed'),
};

interface IntakeState {
  readonly id: string;
  readonly requestId: string;
  readonly taskId: string;
  readonly surface: string;
  readonly category: string | null;
  readonly routingOrigin: string | null;
  readonly addressedTo: string | null;
  readonly submittedBy: string;
}

/** Every intake becomes a task, once. Whether the operator addressed is active is asked here and now, and never again. */
async function intakeReceived(tx: ReactionTx, fact: Incoming): Promise<void> {
  const intake = fromWire<IntakeState>(fact.state);
  if ((await tx.lock(tasks, intake.taskId)) !== undefined) return;
  const { id, requestId, taskId, surface, category, routingOrigin, addressedTo, submittedBy } = intake;
  const active = addressedTo !== null && (await isActive(tx, addressedTo));
  const events = open({
    id: taskId,
    intakeId: id,
    requestId,
    surface,
    category,
    ...audienceOf(addressedTo, active),
    routingOrigin,
    submittedBy,
    openedAt: await tx.now(),
  });
  await tx.write('task.open', events);
}

async function isActive(tx: ReactionTx, operator: string): Promise<boolean> {
  const rows = await tx.rows(sql`select 1 from known_aggregate
    where source = 'operator' and type = 'operator' and id = ${operator} and state = 'ACTIVE' and not unknown`);
  return rows.length > 0;
}

interface TransferState {
  readonly id: string;
  readonly objectClass: string;
  readonly objectId: string;
}

/** An event of a transfer comes before the review queue, once: whichever comes first here, and however often. */
function putBeforeReview(event: ReviewedEvent) {
  return async (tx: ReactionTx, fact: Incoming): Promise<void> => {
    const { id: transferId, objectClass, objectId } = fromWire<TransferState>(fact.state);
    if ((await tx.lock(governanceTasks, governanceTaskId(transferId, event))) !== undefined) return;
    const openedAt = await tx.now();
    const causedByEventId = fact.event_id;
    const events = create({ event, transferId, objectClass, objectId, openedAt, causedByEventId });
    await tx.write('governance_task.create', events);
  };
}
