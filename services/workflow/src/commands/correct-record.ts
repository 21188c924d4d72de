import { executionConditions } from '@qtm/relations';
import { command, fact, type Session, type Sql, sql, stored } from '@qtm/service-kit';
import type { PersonalRef } from '@qtm/service-kit/domain';
import { correct } from '../domain/correction.ts';
import { contentText } from '../domain/evidence-form.ts';
import type { ServiceEvent } from '../domain/service-event.ts';
import type { CorrectRecordInput } from '../generated/graphql.ts';
import { records, serviceEvents } from '../store.ts';
import { accountFacts, packOf, sha256 } from './account.ts';
import { itemOf } from './evidence-item.ts';
import { executorFacts } from './execution.ts';

/** Records cannot be locked, since nobody may change them: corrections of one execution wait for its service event. */
const serviceEventOf = ({ recordId }: CorrectRecordInput): Sql =>
  sql`(select service_event_id from record where id = ${recordId})`;

const contentField = (index: number) => `evidence${index}`;

function correctionFacts(input: CorrectRecordInput, session: Session) {
  const id = serviceEventOf(input);
  return {
    ...accountFacts(id),
    record: stored(records, input.recordId),
    successor: fact(
      sql`select id from record where supersedes = ${input.recordId}`,
      ([row]): string | null => row?.id ?? null,
    ),
    ...executorFacts(id, session),
  };
}

export const correctRecord = command<CorrectRecordInput, ServiceEvent, ReturnType<typeof correctionFacts>, string>({
  transition: 'record.correct',
  aggregate: serviceEvents,
  subject: serviceEventOf,
  facts: correctionFacts,
  conditions: executionConditions,
  personal: ({ reason, evidence }) => ({
    reason,
    ...Object.fromEntries(evidence.map((item, index) => [contentField(index), contentText(itemOf(item))])),
  }),
  reason: 'reason',
  decide({ state, input, facts, personal, by, now, newId }) {
    const { record, successor, evidence } = facts;
    if (record === undefined) throw new Error('a service event was found through a record that is not there');
    const added = input.evidence.map((item, index) => ({
      id: newId(),
      item: itemOf(item),
      content: personal[contentField(index)] ?? null,
      stage: item.stage ?? null,
    }));
    return correct(
      state as ServiceEvent,
      {
        recordId: newId(),
        reason: { text: input.reason, ref: personal.reason as PersonalRef },
        evidence: added,
        by,
        now,
      },
      { record, supersededBy: successor, pack: packOf(facts), evidence, sha256 },
    );
  },
});
