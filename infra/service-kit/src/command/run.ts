import { askAll } from '../confirm/ask-all.ts';
import { type Asked, type Held, NOTHING_HELD } from '../confirm/confirmed.ts';
import { faultOf } from '../database/faults.ts';
import type { PoolClient } from '../database/pool.ts';
import { onConnection } from '../database/transaction.ts';
import { type Refusal, refuse } from '../domain.ts';
import { seal } from '../personal/personal.ts';
import type { Chassis } from '../service/chassis.ts';
import { recordAttempt } from './attempt.ts';
import type { Command, CommandInput } from './command.ts';
import { busy, forbidden, insufficientUserAuthentication, unavailable } from './errors.ts';
import { flight, ROLLBACK } from './flight.ts';
import { keyOf, outcomeOf } from './idempotency.ts';
import { inputRefusal } from './input.ts';
import { judge } from './judge.ts';
import { load, type Run, type Subject } from './load.ts';
import { answerAgain, type Payload, refusalPayload } from './payload.ts';
import type { CommandRequest } from './request.ts';
import { write } from './write.ts';

/** So often is asked what a command wants confirmed, where its subject changes meanwhile or the answers grow old. */
const MAX_ROUNDS = 3;

/** Deadlocks and the like are tried again; more than this many times in a row means that something else is wrong. */
const MAX_TRIES = 3;

type Result =
  | { readonly outcome: 'accepted' | 'replayed' | 'refused'; readonly payload: Payload }
  | { readonly outcome: 'denied' | 'challenged'; readonly error: Error };

/** No decision yet: this has to be asked first. */
interface Unconfirmed {
  readonly outcome: 'unconfirmed';
  readonly asks: ReadonlyMap<string, Asked>;
  readonly subject: Subject | undefined;
}

/**
 * Runs one governed command as one transaction of two flights: everything up to the facts, then, after the pure decision, one
 * writing statement with COMMIT behind it.
 * @throws GraphQLError FORBIDDEN, INSUFFICIENT_USER_AUTHENTICATION, SERVICE_BUSY, SERVICE_UNAVAILABLE, OUTCOME_UNKNOWN; what the domain or the data decides is `refusal` in the payload
 */
export async function runCommand<I extends CommandInput>(
  chassis: Chassis,
  command: Command<I>,
  input: I,
  request: CommandRequest,
): Promise<Payload> {
  const stop = chassis.metrics.commands.startTimer({ transition: command.transition });
  let result: Result;
  try {
    result = await admit(chassis, command, input, request);
  } catch (error) {
    stop({ outcome: 'failed' });
    const { kind } = faultOf(error);
    throw kind === 'busy' || kind === 'again' ? busy() : kind === 'away' ? unavailable() : error;
  }
  stop({ outcome: result.outcome });
  if ('error' in result) throw result.error;
  return result.payload;
}

/** What can be said without the database: the kind of principal, the form of the input, what the client has seen. */
async function admit<I extends CommandInput>(
  chassis: Chassis,
  command: Command<I>,
  input: I,
  request: CommandRequest,
): Promise<Result> {
  const { session } = request;
  const row = chassis.matrix.rows.get(command.transition);
  if (row === undefined) throw new Error(`no matrix row for ${command.transition}`);
  const key = keyOf(session, command.transition, input.idempotencyKey);
  const personal: Record<string, string | null | undefined> = command.spec.personal?.(input, session) ?? {};
  const sealings = Object.entries(personal).flatMap(([field, value]) => (value == null ? [] : [seal(field, value)]));
  const run: Run<I> = { chassis, command, row, input, request, key, sealings };

  if (!row.principals.includes(session.kind)) return deny(run, 'principals', undefined);
  const { check, reason } = command.spec;
  const fault = inputRefusal(input, reason === undefined ? null : personal[reason]) ?? check?.(input);
  if (fault !== undefined) return refused(run, fault);
  if (!request.upToDate) return refused(run, refuse('NOT_YET_VISIBLE'));
  return confirming(run);
}

/**
 * Where the matrix wants facts confirmed, the command is first decided by what is here. That answers what was done under its key
 * before, and whoever is denied, challenged or refused anyway, so that none of them makes anybody ask an owner. Only a command that
 * would be accepted, or whose end hangs on the owners, is rolled back; then all of them are asked at once, while neither a lock nor a
 * connection is held, and it is decided anew with what they said. Where the row that is locked then names another aggregate, or the
 * lock took so long that the answers are older than facts may be, they are asked again.
 */
async function confirming<I extends CommandInput>(run: Run<I>): Promise<Result> {
  const { owners, freshness, logger } = run.chassis;
  let held = () => NOTHING_HELD;
  for (let rounds = 0; ; rounds++) {
    const result = await insist(run, held);
    if (result.outcome !== 'unconfirmed') return result;
    if (rounds === MAX_ROUNDS) throw busy();
    const askedAtMs = performance.now();
    const answers = await askAll(owners, result.asks, run.request);
    if ('reason' in answers) {
      const { name, service } = answers;
      logger.warn({ transition: run.command.transition, ...answers }, 'what must be confirmed cannot be asked');
      return refused(run, refuse('AUTHORITY_UNAVAILABLE', { name, service }), result.subject);
    }
    held = () => (performance.now() - askedAtMs > freshness.maxAgeMs ? NOTHING_HELD : answers);
  }
}

async function insist<I extends CommandInput>(run: Run<I>, held: () => Held): Promise<Result | Unconfirmed> {
  for (let tries = 1; ; tries++) {
    try {
      const rest = await onConnection(run.request.pool, (client) => decideAndWrite(run, client, held));
      return await rest();
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind === 'again' && tries < MAX_TRIES) continue;
      if (fault.kind === 'malformed') return refused(run, refuse('INVALID_INPUT', { id: 'an id is not of its form' }));
      const code = fault.kind === 'unique' ? run.chassis.uniqueRules[fault.rule] : undefined;
      if (code !== undefined) return refused(run, refuse(code));
      throw error;
    }
  }
}

/** What remains to be done once the connection was given back: whoever holds one must never wait for another. */
type Rest = () => Promise<Result | Unconfirmed>;

async function decideAndWrite<I extends CommandInput>(
  run: Run<I>,
  client: PoolClient,
  held: () => Held,
): Promise<Rest> {
  const loaded = await load(run, client, held);
  if (loaded === 'taken') {
    const outcome = await outcomeOf(client, run.key, run.input);
    await flight(client, [ROLLBACK]);
    if (outcome === 'conflict') return async () => refused(run, refuse('IDEMPOTENCY_CONFLICT'));
    return async () => ({ outcome: 'replayed', payload: await answerAgain(run.chassis, run.request, outcome) });
  }
  const { subject, confirmed } = loaded;
  const verdict = judge(run, loaded);
  if (verdict.verdict === 'accepted') {
    const payload = await write(run, client, loaded, verdict.events, verdict.clause);
    return async () => ({ outcome: 'accepted', payload });
  }
  await flight(client, [ROLLBACK]);
  return async () => {
    switch (verdict.verdict) {
      case 'denied':
        return deny(run, verdict.clause, subject);
      case 'refused':
        return refused(run, verdict.refusal, subject);
      case 'challenged':
        return {
          outcome: 'challenged',
          error: insufficientUserAuthentication(run.command.transition, run.chassis.stepUp),
        };
      case 'unconfirmed':
        return { outcome: 'unconfirmed', asks: confirmed.asks, subject };
    }
  };
}

function refused<I extends CommandInput>(run: Run<I>, refusal: Refusal, subject?: Subject): Result {
  const currentState = subject?.visible === true ? subject.value.state : null;
  return { outcome: 'refused', payload: refusalPayload(run.chassis, refusal, currentState) };
}

/** Records the attempt. Of a row the caller may not see nothing is said, not even that it is forbidden. */
async function deny<I extends CommandInput>(
  run: Run<I>,
  clause: string,
  subject: Subject | undefined,
): Promise<Result> {
  const { transition, spec } = run.command;
  await recordAttempt(run.chassis, run.request, {
    transition,
    subjectType: spec.aggregate.type,
    subjectId: subject?.value.id ?? null,
    clause,
  });
  if (subject !== undefined && !subject.visible) return refused(run, refuse('NOT_FOUND'));
  return { outcome: 'denied', error: forbidden(transition, clause) };
}
