import { v7 } from 'uuid';
import { type Evaluation, evaluate } from '../authority/evaluate.ts';
import { isSessionFresh, SESSION_FRESH } from '../authority/step-up.ts';
import { isOwnClock, OWN_CLOCK } from '../clock/own-clock.ts';
import { type DomainEvent, isRefusal, type PersonalRef, type Refusal, refuse } from '../domain.ts';
import type { StaleSource } from '../freshness/staleness.ts';
import type { CommandInput, Grounds } from './command.ts';
import type { Facts, Ternary } from './fact.ts';
import type { Loaded, Run } from './load.ts';

/** What is decided of a command. `clause`: the ground it rests on, or what stands in the way. */
export type Verdict =
  | { readonly verdict: 'accepted'; readonly events: readonly DomainEvent[]; readonly clause: string }
  | { readonly verdict: 'refused'; readonly refusal: Refusal }
  | { readonly verdict: 'denied'; readonly clause: string }
  /** All that is missing is a session that was proved again a moment ago. */
  | { readonly verdict: 'challenged' }
  /** It takes what no owner was asked for yet. */
  | { readonly verdict: 'unconfirmed' };

/**
 * Authority first, then the expected version, then the domain. A row that does not exist is said before anything else; that the session
 * is not fresh, after everything else, so that nobody proves who they are for what is refused anyway. What was decided by reading what
 * no owner was asked for yet counts for nothing.
 */
export function judge<I extends CommandInput>(run: Run<I>, loaded: Loaded): Verdict {
  const { command, input, request } = run;
  const { spec } = command;
  const { subject, values, confirmed } = loaded;
  const { session } = request;
  if (spec.subject !== null && subject === undefined) return refused(refuse('NOT_FOUND'));

  const { evaluation, stale, unconfirmed } = authorityOf(run, loaded);
  if (evaluation.outcome === 'denied') return { verdict: 'denied', clause: evaluation.clause };
  if (evaluation.outcome === 'unknown') {
    const { clause } = evaluation;
    const source = stale.get(clause);
    if (source === undefined && unconfirmed.has(clause)) return { verdict: 'unconfirmed' };
    return refused(source === undefined ? refuse('AUTHORITY_UNKNOWN', { clause }) : tooOld(run, source, clause));
  }
  // Whoever may do it sees what it is done to, unless that has gone on: then it is no longer theirs to know how it stands.
  if (subject !== undefined && !subject.visible) return refused(refuse('NOT_FOUND'));
  if (input.expectedVersion != null && subject !== undefined && input.expectedVersion !== subject.version) {
    return refused(refuse('VERSION_CONFLICT', { version: String(subject.version) }));
  }
  const decision = spec.decide({
    state: subject?.value,
    input,
    facts: values,
    confirmed: confirmed.values,
    personal: personalRefs(run),
    by: session.identityId,
    session,
    now: loaded.now,
    newId: v7,
  });
  const premature = confirmed.touchedOpen();
  if (isRefusal(decision) && !premature) return refused(decision);
  const source = loaded.touchedStale();
  if (source !== undefined) return refused(tooOld(run, source, evaluation.clause));
  if (evaluation.outcome === 'challenged') return { verdict: 'challenged' };
  if (isRefusal(decision) || confirmed.open.size > 0) return { verdict: 'unconfirmed' };
  return { verdict: 'accepted', events: decision, clause: evaluation.clause };
}

export interface Authority {
  readonly evaluation: Evaluation;
  /** Sources that are too old, by the clauses that rest on them. */
  readonly stale: ReadonlyMap<string, StaleSource>;
  /** Clauses that rest on what no owner was asked for yet. */
  readonly unconfirmed: ReadonlySet<string>;
}

/** The matrix row of the command, clause by clause, for what was loaded and confirmed. */
export function authorityOf<I extends CommandInput>(run: Run<I>, loaded: Loaded): Authority {
  const { row, input, request } = run;
  const { subject, principal, values, confirmed } = loaded;
  const { session } = request;
  const grounds: Grounds<I, unknown, Facts> = {
    session,
    principal,
    input,
    state: subject?.value,
    facts: values,
    confirmed: confirmed.values,
  };
  const stale = new Map<string, StaleSource>();
  const unconfirmed = new Set<string>();
  // What rests on facts that are too old, or on what was not asked for, is not known, whatever came out of it.
  const known = (clause: string, holds: Ternary): Ternary => {
    const source = loaded.touchedStale();
    if (source !== undefined) stale.set(clause, source);
    const premature = confirmed.touchedOpen();
    if (premature) unconfirmed.add(clause);
    return source === undefined && !premature ? holds : 'unknown';
  };
  const evaluation = evaluate(row, {
    kind: session.kind,
    role: (role) => known(`role:${role}`, principal.hasRole(role)),
    condition: (name) => known(name, condition(run, loaded, name, grounds)),
  });
  return { evaluation, stale, unconfirmed };
}

function tooOld<I extends CommandInput>({ chassis }: Run<I>, { source, ageMs }: StaleSource, clause: string): Refusal {
  const limitMs = String(chassis.freshness.maxAgeMs);
  return refuse('AUTHORITY_STALE', { clause, source, ageMs: String(ageMs ?? 'nothing heard yet'), limitMs });
}

const refused = (refusal: Refusal): Verdict => ({ verdict: 'refused', refusal });

/** That the service defines every name of its matrix is checked at start. */
function condition<I extends CommandInput>(
  { chassis, command }: Run<I>,
  { clock }: Loaded,
  name: string,
  grounds: Grounds<I, unknown, Facts>,
): Ternary {
  if (name === 'identity_active') return grounds.principal.identityActive;
  if (name === SESSION_FRESH) return isSessionFresh(grounds.session, clock, chassis.stepUp);
  if (name === OWN_CLOCK) return isOwnClock(grounds.session);
  const holds = command.spec.conditions?.[name];
  if (holds === undefined) throw new Error(`${command.transition}: the matrix names '${name}', which is not defined`);
  return holds(grounds);
}

function personalRefs<I extends CommandInput>({
  command,
  input,
  request,
  sealings,
}: Run<I>): Record<string, PersonalRef | null> {
  const refs: Record<string, PersonalRef | null> = {};
  for (const field of Object.keys(command.spec.personal?.(input, request.session) ?? {})) {
    refs[field] = sealings.find((sealing) => sealing.field === field)?.ref ?? null;
  }
  return refs;
}
