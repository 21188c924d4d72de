import type { Matrix } from '../authority/matrix.ts';
import type { Remedies } from '../authority/remedy.ts';
import type { StepUp } from '../authority/step-up.ts';
import type { AttemptCap } from '../command/attempt-cap.ts';
import type { Principal } from '../command/command.ts';
import type { Facts } from '../command/fact.ts';
import type { RefusalTexts } from '../command/refusals.ts';
import type { Owners } from '../confirm/owners.ts';
import type { Freshness } from '../freshness/staleness.ts';
import type { Aggregate } from '../journal/aggregate.ts';
import { type Change, type ComposedEvent, composeEvents, type Origin, type Provenance } from '../journal/envelope.ts';
import type { EventSchemas } from '../journal/schemas.ts';
import type { Logger } from '../process/logger.ts';
import type { Session } from '../process/session.ts';
import type { KitMetrics } from './kit-metrics.ts';

/** How the principal of a session is looked up: given to the kit, which knows no service's facts by name. */
export interface PrincipalLookup {
  readonly facts: (session: Session) => Facts;
  readonly read: (session: Session, values: Readonly<Record<string, unknown>>) => Principal;
}

/** What running commands and reactions need to know about their service. */
export interface Chassis {
  readonly service: string;
  readonly origin: Origin;
  readonly matrix: Matrix;
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  readonly principal: PrincipalLookup;
  readonly freshness: Freshness;
  readonly stepUp: StepUp;
  readonly owners: Owners;
  readonly refusals: RefusalTexts;
  readonly remedies: Remedies;
  /** What a broken unique rule of the database means, by the constraint's name. */
  readonly uniqueRules: Readonly<Record<string, string>>;
  readonly schemas: EventSchemas;
  /** Which denied attempts are facts of their own. */
  readonly attempts: AttemptCap;
  readonly metrics: KitMetrics;
  readonly logger: Logger;
}

/** Composes the facts of one transaction and holds each against its schema. */
export function compose(
  chassis: Chassis,
  provenance: Provenance,
  changes: readonly Change[],
): readonly ComposedEvent[] {
  const events = composeEvents(chassis.origin, provenance, changes);
  for (const { value } of events) chassis.schemas.assertValid(value);
  return events;
}

/** @throws Error for a type this service does not own */
export function aggregateOf(chassis: Chassis, type: string): Aggregate {
  const aggregate = chassis.aggregates.get(type);
  if (aggregate === undefined) throw new Error(`${chassis.service} owns no aggregate '${type}'`);
  return aggregate;
}
