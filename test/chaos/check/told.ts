import { type TopicEvent, withoutRepeats } from './facts.ts';

/** What topics tell of the register and of transfers, as the checks of both read it. */

export interface EntryTold {
  readonly object: string;
  readonly holder: string;
  readonly registerVersion: number;
  readonly setBy: string;
  readonly setById: string;
}

export interface TransferTold {
  readonly id: string;
  readonly object: string;
  readonly state: string;
  readonly from: string;
  readonly to: string;
  readonly fromVersion: number;
  readonly toVersion: number | null;
  readonly proposedAt: string;
  readonly endedAt: string | null;
}

/** The facts of each aggregate of a type, in their order, repeats dropped. */
export function factsOf(events: readonly TopicEvent[], type: string): ReadonlyMap<string, readonly TopicEvent[]> {
  const own = withoutRepeats(events).filter(({ aggregateType }) => aggregateType === type);
  return Map.groupBy(own, ({ aggregateId }) => aggregateId);
}

export function entryTold({ aggregateId, state }: TopicEvent): EntryTold {
  const said = state as Readonly<Record<string, never>>;
  return {
    object: aggregateId,
    holder: said.holder_identity_id ?? '',
    registerVersion: said.register_version ?? 0,
    setBy: said.set_by ?? '',
    setById: said.set_by_id ?? '',
  };
}

/** How every transfer stands at the end. */
export function transfersTold(events: readonly TopicEvent[]): readonly TransferTold[] {
  return [...factsOf(events, 'transfer').values()].flatMap((facts) => {
    const last = facts.at(-1);
    return last === undefined ? [] : [transferTold(last)];
  });
}

function transferTold({ aggregateId, state }: TopicEvent): TransferTold {
  const said = state as Readonly<Record<string, never>>;
  return {
    id: aggregateId,
    object: `${said.object_class}:${said.object_id}`,
    state: said.state ?? '',
    from: said.from_identity_id ?? '',
    to: said.to_identity_id ?? '',
    fromVersion: said.from_register_version ?? 0,
    toVersion: said.to_register_version ?? null,
    proposedAt: said.proposed_at ?? '',
    endedAt: said.ended_at ?? null,
  };
}
