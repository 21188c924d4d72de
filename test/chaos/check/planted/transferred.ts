import type { TopicEvent } from '../facts.ts';
import { actOf, eventOf } from './sound.ts';

/** An operator that ann held, bob holds by one completed transfer, and carol was to hold by one that was rejected; nothing went wrong. */

const OBJECT = { object_class: 'operator', object_id: 'crew' };
const FIRST = { ...OBJECT, from_identity_id: 'ann', to_identity_id: 'bob', from_register_version: 1 };
const SECOND = { ...OBJECT, from_identity_id: 'bob', to_identity_id: 'carol', from_register_version: 2 };
const OPEN = { to_register_version: null, ended_at: null };

/** A fact of a transfer; `command` says which. */
export function stepOf(command: Command, transfer: string, version: number, state: object): TopicEvent {
  const [priorState, newState, name] = STEPS[command];
  return eventOf({
    service: 'transfer',
    eventId: `${name} ${transfer}`,
    name,
    aggregateType: 'transfer',
    aggregateId: transfer,
    version,
    transition: `transfer.${command}`,
    priorState,
    newState,
    state: { id: transfer, ...state, state: newState },
  });
}
type Command = keyof typeof STEPS;
const STEPS = {
  propose: [null, 'proposed', 'transfer_proposed'],
  accept: ['proposed', 'accepted', 'transfer_accepted'],
  complete: ['accepted', 'completed', 'transfer_completed'],
  reject: ['proposed', 'rejected', 'transfer_rejected'],
} as const;

/** A fact of the register's entry of the operator. */
export function entryOf(version: number, holder: string, setById: string): TopicEvent {
  const seeded = version === 1;
  return eventOf({
    service: 'transfer',
    eventId: `entry ${version}`,
    name: seeded ? 'register_entry_seeded' : 'operator_transferred',
    aggregateType: 'register_entry',
    aggregateId: 'operator:crew',
    version,
    transition: seeded ? 'register_entry.seed' : 'transfer.complete',
    priorState: seeded ? null : 'HELD',
    newState: 'HELD',
    state: {
      ...OBJECT,
      holder_identity_id: holder,
      register_version: version,
      set_by: seeded ? 'onboarding' : 'transfer',
      set_by_id: setById,
    },
  });
}

/** A fact of the operator itself. */
export function operatorOf(change: Partial<TopicEvent> & { readonly holder: string; readonly at: number }): TopicEvent {
  const { holder, at, ...rest } = change;
  return eventOf({
    service: 'operator',
    eventId: `operator ${at}`,
    name: at === 1 ? 'operator_onboarded' : 'operator_holder_changed',
    aggregateType: 'operator',
    aggregateId: 'crew',
    version: at,
    clause: 'consequence',
    state: { id: 'crew', holder_identity_id: holder, register_version: at },
    ...rest,
  });
}

/** A governance task of an event of a transfer. */
export function taskOf(transfer: string, event: string): TopicEvent {
  return eventOf({
    service: 'governance',
    eventId: `task of ${event} ${transfer}`,
    name: 'governance_task_created',
    aggregateType: 'governance_task',
    aggregateId: `${transfer}:${event}`,
    causationId: `${event} ${transfer}`,
  });
}

export const ONBOARDED = operatorOf({ holder: 'ann', at: 1 });
export const SEEDED = entryOf(1, 'ann', 'operator 1');
export const PROPOSED = stepOf('propose', 't-1', 1, { ...FIRST, ...OPEN, proposed_at: '10:00' });
export const ACCEPTED = stepOf('accept', 't-1', 2, { ...FIRST, ...OPEN, proposed_at: '10:00' });
export const COMPLETED = stepOf('complete', 't-1', 3, {
  ...FIRST,
  to_register_version: 2,
  proposed_at: '10:00',
  ended_at: '10:05',
});
export const MOVED = entryOf(2, 'bob', 't-1');
export const FOLLOWED = operatorOf({ holder: 'bob', at: 2 });
export const OFFERED = stepOf('propose', 't-2', 1, { ...SECOND, ...OPEN, proposed_at: '10:06' });
export const REJECTED = stepOf('reject', 't-2', 2, {
  ...SECOND,
  ...OPEN,
  proposed_at: '10:06',
  ended_at: '10:07',
});

/** All of it, in the order in which it came about. */
export const TOLD: readonly TopicEvent[] = [
  ONBOARDED,
  SEEDED,
  PROPOSED,
  ACCEPTED,
  COMPLETED,
  MOVED,
  FOLLOWED,
  OFFERED,
  REJECTED,
];

/** The same facts with some of them changed or left out, by the id of the event. */
export function withChange(change: Readonly<Record<string, Partial<TopicEvent> | undefined>>): readonly TopicEvent[] {
  return TOLD.flatMap((fact) => {
    if (!(fact.eventId in change)) return [fact];
    const changed = change[fact.eventId];
    return changed === undefined ? [] : [{ ...fact, ...changed }];
  });
}

/** A command on a transfer that was acknowledged: asked for at one moment, answered at another. */
export function acknowledged(fact: TopicEvent, sentMs: number, endedMs: number) {
  return actOf({
    transition: fact.transition,
    actorId: fact.actorId,
    trace: fact.trace,
    subjectId: fact.aggregateId,
    attempts: [{ sentMs, endedMs, dark: false }],
  });
}
