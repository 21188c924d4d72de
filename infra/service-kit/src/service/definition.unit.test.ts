import { describe, expect, test } from 'vitest';
import { parseMatrix } from '../authority/matrix.ts';
import { command } from '../command/command.ts';
import { sql } from '../database/statement.ts';
import { aggregate } from '../journal/aggregate.ts';
import { checkDefinition, type ServiceDefinition } from './definition.ts';

const things = aggregate({ type: 'thing', visibleTo: () => sql`true` });
const end = command({ transition: 'thing.end', aggregate: things, subject: null, decide: () => [] });
const stop = command({ transition: 'thing.stop', aggregate: things, subject: null, decide: () => [] });
const due = () => sql`select`;

const DEFINITION: ServiceDefinition = {
  name: 'things',
  aggregates: [things],
  commands: [end],
  resolvers: {},
  follows: {},
  reactions: {},
  principal: { facts: () => ({}), read: () => ({ identityActive: false, hasRole: () => false }) },
  refusals: {},
};
const BY_CLOCK = '- { transition: thing.end, principals: [SERVICE], anyOf: [{ relation: own_clock }] }';
const BY_ROLE = '- { transition: thing.end, principals: [SERVICE], anyOf: [{ role: super_admin }] }';

function check(row: string, change: Partial<ServiceDefinition>): () => void {
  return () => checkDefinition({ ...DEFINITION, ...change }, parseMatrix(row));
}

describe('what a row wants confirmed', () => {
  const asked = { person: () => ({ service: 'people', type: 'person', id: 'ada' }) };
  const of = (confirm: typeof asked | undefined, subject: (() => string) | null = () => 'one') =>
    command({
      transition: 'thing.end',
      aggregate: things,
      subject,
      decide: () => [],
      ...(confirm === undefined ? {} : { confirm }),
    });
  const CONFIRMING = '- { transition: thing.end, principals: [HUMAN], anyOf: [{ role: notary }], confirm: [person] }';
  const SILENT = CONFIRMING.replace(', confirm: [person]', '');

  test('is what the command says whom to ask for', () => {
    expect(check(CONFIRMING, { commands: [of(asked)] })).not.toThrow();
    expect(check(SILENT, { commands: [of(undefined)] })).not.toThrow();
  });

  test.each<[string, string, ServiceDefinition['commands'][number], string]>([
    ['that the command asks nobody for', CONFIRMING, of(undefined), "thing.end: 'person' is asked of nobody"],
    ['that is missing from the row', SILENT, of(asked), "thing.end: no row confirms 'person'"],
    ['of no row', CONFIRMING, of(asked, null), 'thing.end: it confirms by a row that it has not'],
  ])('cannot be something %s', (_, matrix, one, fault) => {
    expect(check(matrix, { commands: [one] })).toThrow(fault);
  });
});

describe("what the service's own clock does", () => {
  test('is a command whose row asks for it; it needs no condition and no remedy of the service', () => {
    expect(check(BY_CLOCK, { clock: [{ command: end, due }] })).not.toThrow();
    expect(check(BY_ROLE, {})).not.toThrow();
  });

  test.each<[string, string, Partial<ServiceDefinition>, string]>([
    ['that no clock runs', BY_CLOCK, {}, "thing.end: its row asks for 'own_clock' exactly where the clock runs it"],
    [
      'that its row does not give to the clock',
      BY_ROLE,
      { clock: [{ command: end, due }] },
      "thing.end: its row asks for 'own_clock' exactly where the clock runs it",
    ],
    [
      'that no command makes',
      BY_ROLE,
      { clock: [{ command: stop, due }] },
      'the clock runs thing.stop, which no command makes',
    ],
    [
      'that its row gives to no service',
      BY_CLOCK.replace('SERVICE', 'HUMAN'),
      { clock: [{ command: end, due }] },
      'thing.end: the clock runs it, but its row allows no SERVICE',
    ],
  ])('cannot be something %s', (_, row, change, fault) => {
    expect(check(row, change)).toThrow(fault);
  });
});
