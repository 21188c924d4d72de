import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText } from '../values/hostile.ts';
import { leaksIn } from './leaks.ts';

test.each([
  ['a stack', 'Error: x\\n    at load (file:///app/services/jobs/src/store.ts:12:5)'],
  ['a stack of a library', 'x\\n    at Parser.parse (/srv/q/node_modules/pg-protocol/dist/parser.js:40:38)'],
  ['a field of a stack', '{"extensions":{"stacktrace":["x"]}}'],
  ['a path', 'ENOENT: no such file, open /home/app/schema/jobs/authority.yaml'],
  ['a path within the repository', 'thrown in services/jobs/src/store.ts'],
  ['a statement', 'failed: select id, version from job where id = $1'],
  ['another statement', 'insert into idempotency (identity_id) values ($1)'],
  ['a third', 'update "job" set state = $1'],
  ['a message of the parser', 'syntax error at or near "foo"'],
  ['a constraint', 'new row for relation "job" violates check constraint "job_state_known"'],
  ['a key', 'duplicate key value violates unique constraint "job_pkey"'],
  ['a value that cannot be read', 'invalid input syntax for type uuid: "x"'],
  ['an encoding', 'invalid byte sequence for encoding "UTF8": 0x00'],
  ['a missing table', 'relation \\"jobs\\" does not exist'],
  ['a privilege', 'permission denied for table journal'],
  ['a catalogue', 'function pg_catalog.int4 is not there'],
  ['an address of a database', 'postgresql://jobs_app:x@db:5432/jobs'],
  ['an address', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ['a token', 'Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl'],
])('finds %s', (_, text) => {
  expect(leaksIn(text)).not.toEqual([]);
});

test.each([
  'Cannot query field "secret" on type "Job". Did you mean "request"?',
  'Variable "$input" got invalid value "x" at "input.kind"; Value "x" does not exist in "EvidenceKind" enum.',
  'Syntax Error: Expected Name, found "}".',
  'the table of who may what is not yours to update; select another role from the list',
  'a request says what is asked, by whom, through which channel and on which surface',
  'Unexpected token \'}\', "{"query"}" is not valid JSON',
])('finds nothing in what is said on purpose: %s', (text) => {
  expect(leaksIn(text)).toEqual([]);
});

test('no hostile text looks like the inside of a process, or what was stored would be taken for a leak', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(leaksIn(JSON.stringify(text))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});
