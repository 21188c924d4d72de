import { type Bench, openBench } from '../harness/bench.ts';
import { foreignFact } from '../harness/foreign-facts.ts';
import { loadService } from '../harness/services.ts';
import { sessionOf } from '../harness/sessions.ts';

/** Who submits in these tests. */
export const REQUESTER = sessionOf('requester', ['requester']);
export const STRANGER = sessionOf('stranger', ['requester']);

const SUBMIT = `mutation ($input: SubmitRequestInput!) { submitRequest(input: $input) {
  request { id version } intake { id } refusal { code } } }`;

/** A real service whose commands the kit runs: one registered requester, one published pack. */
export async function openTown(poolSize?: number, authorityMaxAgeMs?: number): Promise<Bench> {
  const bench = await openBench(await loadService('jobs'), poolSize, authorityMaxAgeMs);
  await bench.feed(
    foreignFact('operator', 'identity_registered', { id: REQUESTER.identityId }),
    foreignFact('workflow', 'pack_published', { id: 'municipal:1', surface: 'municipal', version: 1 }),
  );
  return bench;
}

/** Submits a request under a key and gives the payload, or the first error. */
export async function submit(bench: Bench, key: string, change: object = {}, session = REQUESTER) {
  const input = {
    idempotencyKey: key,
    surface: 'municipal',
    what: 'Loud music',
    channel: 'PHONE',
    actor: { reference: 'caller' },
    ...change,
  };
  const { data, errors } = await bench.ask(session, SUBMIT, { input });
  return { payload: data?.submitRequest, error: errors[0] };
}

/** Number of rows of a table. */
export async function count(bench: Bench, table: string, where = 'true'): Promise<number> {
  const [row] = await bench.rows<{ count: number }>(`select count(*)::integer as count from ${table} where ${where}`);
  return row?.count ?? 0;
}
