import {
  EXECUTES,
  type ExecutionFacts,
  executionConditions,
  executionFacts,
  governorFacts,
  governs,
  holdsAny,
} from '@qtm/relations';
import {
  command,
  type FactValues,
  known,
  locked,
  type Session,
  type Sql,
  sql,
  type Ternary,
  withReason,
} from '@qtm/service-kit';
import type { Job } from '../domain/job.ts';
import * as rules from '../domain/job.ts';
import type {
  CancelJobInput,
  ClaimJobInput,
  CompleteJobInput,
  ReleaseJobInput,
  StartJobInput,
} from '../generated/graphql.ts';
import { intakes, jobs } from '../store.ts';

type JobInput = { readonly jobId: string; readonly idempotencyKey: string };

const subject = ({ jobId }: JobInput) => jobId;
const column = (name: Sql, jobId: string): Sql => sql`(select ${name} from job where id = ${jobId})`;

/** Of a job that is held: the operator that holds it. */
const holderFacts = ({ jobId }: JobInput, session: Session) => executionFacts(column(sql`held_by`, jobId), session);

function claimFacts({ jobId, asOperator }: ClaimJobInput, session: Session) {
  const membership = sql`(select pool_id::text || ':' || ${asOperator} from job where id = ${jobId})`;
  return {
    ...executionFacts(asOperator, session),
    poolMember: known<{ state: string }>('governance', 'pool_member', membership),
  };
}

type ClaimFacts = ReturnType<typeof claimFacts>;

/** Only a job of a pool asks who is in it. */
const isMember = ({ mode }: Job, facts: FactValues<ClaimFacts>): Ternary => {
  const poolMember = mode === 'POOL' ? facts.poolMember : undefined;
  if (poolMember === undefined) return false;
  return poolMember.unknown ? 'unknown' : poolMember.value.state === 'ACTIVE';
};

export const claimJob = command<ClaimJobInput, Job, ClaimFacts>({
  transition: 'job.claim',
  aggregate: jobs,
  subject,
  facts: claimFacts,
  conditions: {
    ...executionConditions,
    // Whom it may be claimed for comes first: an operator that was not assigned is no ground, whoever holds it.
    executes_for({ state, input, facts }) {
      if (state === undefined) return false;
      const member = isMember(state, facts);
      if (!rules.mayBeClaimedFor(state, input.asOperator, member !== false)) return false;
      const executes = holdsAny(facts.standing, EXECUTES);
      return executes === true && state.mode === 'POOL' ? member : executes;
    },
  },
  decide: ({ state, input, by, now, facts }) => {
    const poolMember = isMember(state as Job, facts) === true;
    return rules.claim(state as Job, { asOperator: input.asOperator, by, now }, { poolMember });
  },
});

export const releaseJob = command<ReleaseJobInput, Job, ExecutionFacts, 'reason'>({
  transition: 'job.release',
  aggregate: jobs,
  subject,
  facts: holderFacts,
  conditions: executionConditions,
  ...withReason,
  decide: ({ state }) => rules.release(state as Job),
});

export const startJob = command<StartJobInput, Job, ExecutionFacts>({
  transition: 'job.start',
  aggregate: jobs,
  subject,
  facts: holderFacts,
  conditions: executionConditions,
  decide: ({ state, now, newId }) => rules.start(state as Job, { serviceEventId: newId(), now }),
});

/** What ends a job may close its intake, so that is locked after the job; and it rests on how its execution stands. */
function endFacts(jobId: string) {
  return {
    intake: locked(intakes, column(sql`intake_id`, jobId)),
    serviceEvent: known<{ state: string }>('workflow', 'service_event', column(sql`service_event_id::text`, jobId)),
  };
}

function endOf({
  facts: { intake, serviceEvent },
}: {
  facts: FactValues<ReturnType<typeof endFacts>>;
}): rules.EndFacts {
  if (intake === undefined) throw new Error('a job without an intake');
  return { intake: intake.value, serviceEvent: serviceEvent?.unknown ? null : (serviceEvent?.value.state ?? null) };
}

function completeFacts(input: CompleteJobInput, session: Session) {
  return { ...endFacts(input.jobId), ...holderFacts(input, session) };
}

export const completeJob = command<CompleteJobInput, Job, ReturnType<typeof completeFacts>>({
  transition: 'job.complete',
  aggregate: jobs,
  subject,
  facts: completeFacts,
  conditions: executionConditions,
  decide: (decider) => rules.complete(decider.state as Job, { now: decider.now }, endOf(decider)),
});

function cancelFacts({ jobId }: CancelJobInput, session: Session) {
  return { ...endFacts(jobId), ...governorFacts(column(sql`governed_by`, jobId), session) };
}

export const cancelJob = command<CancelJobInput, Job, ReturnType<typeof cancelFacts>, 'reason'>({
  transition: 'job.cancel',
  aggregate: jobs,
  subject,
  facts: cancelFacts,
  conditions: { governs },
  ...withReason,
  decide: (decider) => rules.cancel(decider.state as Job, { now: decider.now }, endOf(decider)),
});
