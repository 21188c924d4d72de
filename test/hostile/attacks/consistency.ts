import { doorsOf, headersOf } from '../arena.ts';
import { documentOf, operationNamed } from '../document.ts';
import { hostileText } from '../values/hostile.ts';
import { graphqlRequest } from '../wire.ts';
import type { WireAnswer } from '../wire-answer.ts';
import { type Attack, single } from './attack.ts';

/** Nobody is made to wait by what nobody has signed: far below the budget of those who are waited for. */
const MAX_ELAPSED_MS = 10_000;
const SIGNATURE = 'A'.repeat(22);
const ID = '019b8d2e-7a00-7000-8000-000000000001';

/** Texts for the header that says what a client has seen; none is signed, so none may matter. */
const TOKENS: readonly string[] = [
  `jobs/job/${ID}@1.999999999~${SIGNATURE}`,
  `jobs/job/${ID}@999999999.1~${SIGNATURE}`,
  `jobs/job/${ID}@-1.-1~${SIGNATURE}`,
  `jobs/job/${ID}@1.1`,
  `jobs/job/${ID}@1.1~`,
  `nobody/nothing/${ID}@1.1~${SIGNATURE}`,
  `__proto__/constructor/${ID}@1.1~${SIGNATURE}`,
  `jobs/job/%ff%fe@1.1~${SIGNATURE}`,
  `jobs/job/%00@1.1~${SIGNATURE}`,
  `jobs/job/'; drop table job; --@1.1~${SIGNATURE}`,
  `jobs/job/${'a'.repeat(4_000)}@1.1~${SIGNATURE}`,
  ','.repeat(5_000),
  Array.from({ length: 90 }, (_, i) => `jobs/job/${ID}${i}@1.1~${SIGNATURE}`).join(','),
  '~~~~',
  '@',
  'true',
];

const OTHER_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'qtm-deadline-ms': '-1' },
  { 'qtm-deadline-ms': '1e309' },
  { 'qtm-deadline-ms': 'NaN' },
  { 'qtm-deadline-ms': '999999999999' },
  { 'qtm-consistency-incomplete': 'true' },
  { traceparent: '00-zz-zz-01' },
  { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00` },
  { traceparent: 'a'.repeat(2_000), tracestate: 'b'.repeat(2_000) },
  { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '::1', 'x-forwarded-host': 'qtm.local' },
  { 'apollo-federation-include-trace': 'ftv1' },
  { 'apollo-query-plan-experimental': '1' },
  { 'x-apollo-operation-name': 'x'.repeat(2_000) },
];

/** What is said of having been seen, and other words between processes, by somebody who may not say them. */
export const consistency: Attack = {
  name: 'consistency',
  describe: 'forged, garbled and huge consistency tokens, deadlines and traces, at every door',
  atATime: 4,
  async *volleys(arena, draw) {
    const operation = operationNamed(arena.contract, 'jobs');
    const garbled = Array.from({ length: 20 }, () => ({ 'qtm-consistency': asHeader(draw(hostileText)) }));
    const all = [...TOKENS.map((token) => ({ 'qtm-consistency': token })), ...OTHER_HEADERS, ...garbled];
    const [person] = arena.world.insiders;
    if (person === undefined) return;
    for (const headers of all) {
      for (const door of doorsOf(arena, operation)) {
        const service = door === arena.gateway ? undefined : operation.service;
        const query = documentOf(operation, [], { depth: 0, service });
        const [[name = '', value = ''] = []] = Object.entries(headers);
        yield single({
          label: `${name}: ${value.slice(0, 40)} at ${door.name}`,
          door,
          person,
          request: graphqlRequest(query, {}, { ...(await headersOf(arena, person, door)), ...headers }),
          verdict: atOnce,
        });
      }
    }
  },
};

function atOnce({ status, elapsedMs }: WireAnswer): string | undefined {
  if (elapsedMs > MAX_ELAPSED_MS) return `waited ${Math.round(elapsedMs)} ms`;
  return status === 200 || status === 431 ? undefined : `answered with HTTP ${status}`;
}

/** Headers hold no line ends; whoever sends any is another attack's matter. */
function asHeader(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 8_000);
}
