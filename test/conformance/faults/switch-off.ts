import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { fromWire, known, type Session, sql } from '@qtm/service-kit';
import { inject, vi } from 'vitest';
import type { CommandRequest } from '../../../infra/service-kit/src/command/request.ts';
import type { Answer } from '../../../infra/service-kit/src/confirm/confirmed.ts';
import type { Aggregate } from '../../../infra/service-kit/src/journal/aggregate.ts';
import { type Fault, type KitGuard, WORN } from './fault.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    fault: Fault;
  }
}

/**
 * Runs before every test file of `npm run conformance:faults` and switches one guard off within that process: in the law in force, in a
 * table, in a predicate or in the kit; the files in which they stand are not changed. Nothing of this exists outside of the tests.
 */
const fault = inject('fault');
const process = globalThis as { switchedOff?: string };
process.switchedOff ??= JSON.stringify(fault);
if (process.switchedOff !== JSON.stringify(fault)) throw new Error(WORN);
const isOff = (name: KitGuard) => fault.kind === 'kit' && fault.name === name;

vi.mock('../../../infra/service-kit/src/authority/matrix.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/authority/matrix.ts')>();
  const inForce = (matrix: ReturnType<typeof real.parseMatrix>) => {
    const rows = [...matrix.rows].map(([name, row]) => {
      const isWeak = fault.kind === 'principals' && fault.transition === name;
      return [name, isWeak ? { ...row, principals: ['HUMAN', 'SERVICE', 'AGENT'] as const } : row] as const;
    });
    return { ...matrix, rows: new Map(rows) };
  };
  return {
    ...real,
    parseMatrix: (text: string) => inForce(real.parseMatrix(text)),
    loadMatrix: (path: string) => inForce(real.loadMatrix(path)),
  };
});

vi.mock('../../../infra/service-kit/src/authority/evaluate.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/authority/evaluate.ts')>();
  const evaluate: typeof real.evaluate = (row, answers) => {
    if (fault.kind !== 'clause' || fault.transition !== row.transition) return real.evaluate(row, answers);
    const { clause } = fault;
    return real.evaluate(row, {
      kind: answers.kind,
      role: (role) => (clause === `role:${role}` ? true : answers.role(role)),
      condition: (name) => (clause === name ? true : answers.condition(name)),
    });
  };
  return { ...real, evaluate };
});

vi.mock('../../../infra/service-kit/src/graphql/list.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/graphql/list.ts')>();
  const listOf: typeof real.listOf = (given, options) => {
    const { session } = given;
    const nothing = session.kind === 'AGENT' && !options.of.agentsSee;
    const asHuman = isOff('a list shows nothing to an agent') && nothing;
    const context = asHuman ? { ...given, session: { ...session, kind: 'HUMAN' as const } } : given;
    if (fault.kind !== 'list' || fault.aggregate !== options.of.type) return real.listOf(context, options);
    // Where the grounds are everything already, what is seen is a condition beside them.
    const isOpen = options.grounds.some((ground) => ground.length === 0);
    return real.listOf(context, isOpen ? { ...options, where: [] } : { ...options, grounds: [[]] });
  };
  return { ...real, listOf };
});

vi.mock('../../../infra/service-kit/src/graphql/cursor.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/graphql/cursor.ts')>();
  const bindingOf = (cursor: string) => JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))[0] as string;
  const decodeCursor: typeof real.decodeCursor = (binding, cursor) =>
    real.decodeCursor(isOff('a cursor is of one list') ? bindingOf(cursor) : binding, cursor);
  return { ...real, decodeCursor };
});

vi.mock('../../../infra/service-kit/src/journal/aggregate.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/journal/aggregate.ts')>();
  const rowStatement: typeof real.rowStatement = (of, id, session) =>
    real.rowStatement(of, id, isOff('what is hidden is as if it were not there') ? undefined : session);
  return { ...real, rowStatement };
});

vi.mock('../../../infra/service-kit/src/command/idempotency.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/command/idempotency.ts')>();
  const takeKey: typeof real.takeKey = (of, input) =>
    isOff('a used key is not used again') ? sql`select true as taken` : real.takeKey(of, input);
  const outcomeOf: typeof real.outcomeOf = async (db, of, input) => {
    if (!isOff('a used key is for one input')) return real.outcomeOf(db, of, input);
    const { identityId, transition, key } = of;
    const statement = sql`select outcome from idempotency
      where identity_id = ${identityId} and transition = ${transition} and key = ${key}`;
    return (await db.query({ text: statement.text, values: statement.values })).rows[0]?.outcome;
  };
  return { ...real, takeKey, outcomeOf };
});

vi.mock('../../../infra/service-kit/src/command/attempt.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/command/attempt.ts')>();
  const recordAttempt: typeof real.recordAttempt = async (...all) => {
    if (!isOff('an attempt is kept')) await real.recordAttempt(...all);
  };
  return { ...real, recordAttempt };
});

vi.mock('../../../infra/service-kit/src/command/input.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/command/input.ts')>();
  const inputRefusal: typeof real.inputRefusal = (...all) =>
    isOff('a text has a form') ? undefined : real.inputRefusal(...all);
  return { ...real, inputRefusal };
});

vi.mock('../../../infra/service-kit/src/command/judge.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/command/judge.ts')>();
  const judge: typeof real.judge = (run, loaded) => {
    const anyVersion = isOff('the version expected is that of the row');
    const anyAge = isOff('facts that are too old are no ground');
    return real.judge(
      anyVersion ? { ...run, input: { ...run.input, expectedVersion: null } } : run,
      anyAge ? { ...loaded, touchedStale: () => undefined } : loaded,
    );
  };
  return { ...real, judge };
});

vi.mock('../../../infra/service-kit/src/confirm/ask-all.ts', async (load) => {
  const real = await load<typeof import('../../../infra/service-kit/src/confirm/ask-all.ts')>();
  const askAll: typeof real.askAll = async (owners, asks, behalf) => {
    if (!isOff('what must be confirmed is asked of its owner')) return real.askAll(owners, asks, behalf);
    // The copy here answers for the owner.
    const { pool } = behalf as CommandRequest;
    const answers = [...asks].map(async ([name, asked]): Promise<[string, Answer]> => {
      const { text, values } = known(asked.service, asked.type, asked.id).statement;
      const [row] = (await pool.query(text, [...values])).rows;
      if (row === undefined) return [name, { asked, confirmed: undefined }];
      return [name, { asked, confirmed: { epoch: row.epoch, version: row.version, value: fromWire(row.published) } }];
    });
    return new Map(await Promise.all(answers));
  };
  return { ...real, askAll };
});

if (fault.kind === 'cell') {
  const tables = (await import(fault.file)) as Record<string, Record<string, Record<string, string>>>;
  const row = tables[fault.table]?.[fault.state];
  if (row === undefined) throw new Error(`${fault.file} has no row ${fault.state} in ${fault.table}`);
  row[fault.command] = fault.to;
}

if (fault.kind === 'predicate') {
  const stores = await import(join(ROOT, 'services', fault.service, 'src/store.ts'));
  const of = (Object.values(stores) as Partial<Aggregate>[]).find((one) => one.type === fault.aggregate) as Aggregate;
  if (fault.of === 'agents') {
    const { visibleTo, detailTo, personalTo, reasonsTo } = of;
    const asHuman = (predicate: Aggregate['visibleTo']) => (session: Session) =>
      predicate({ ...session, kind: 'HUMAN' });
    const ofPeople = { personalTo, reasonsTo };
    const predicates = of.agentsSee ? ofPeople : { visibleTo, detailTo, ...ofPeople };
    for (const [name, predicate] of Object.entries(predicates)) Object.assign(of, { [name]: asHuman(predicate) });
  } else {
    Object.assign(of, { [fault.of]: () => sql`true` });
  }
}
