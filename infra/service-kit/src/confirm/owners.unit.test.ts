import { expect, test } from 'vitest';
import { parseMatrix } from '../authority/matrix.ts';
import { readServiceSettings, SERVICE_SETTINGS } from '../service/settings.ts';
import { checkOwners, NO_OWNERS, OwnerUnavailable } from './owners.ts';

const { parse, fallback } = SERVICE_SETTINGS.QTM_OWNER_URLS;
const row = (confirm: string) => parseMatrix(`- {transition: a.b, principals: [HUMAN], anyOf: [{role: x}]${confirm}}`);
const FOLLOWS = { people: ['person'], houses: ['house'] };

test('owners are listed by their services, several processes of one service one by one', () => {
  expect(parse('people=http://a:1, houses=https://b.c/,people=http://[::1]:2')).toEqual([
    { service: 'people', url: 'http://a:1' },
    { service: 'houses', url: 'https://b.c' },
    { service: 'people', url: 'http://[::1]:2' },
  ]);
  expect(fallback).toEqual([]);
});

test.each([
  'http://a:1',
  'people',
  'people=',
  'people=a:1',
  'people=ftp://a:1',
  'people=http://a:1/graphql',
  'people=http://a:1?x',
  'people=http://user:hunter2@a:1',
  'people=http://a:x',
  'People=http://a:1',
  'people=http://a:1,',
])('%j is no list of owners, and is not repeated in what is said of it', (value) => {
  expect(() => parse(value)).toThrow(/^not /);
  expect(() => readServiceSettings({ QTM_OWNER_URLS: value })).toThrow(/QTM_OWNER_URLS: not [^;]*(?:host:port|commas)/);
  expect(() => readServiceSettings({ QTM_OWNER_URLS: value })).not.toThrow('hunter2');
});

test('a service that has to confirm does not start without an address of everyone it may have to ask', () => {
  const confirming = row(', confirm: [person]');
  const [people, houses] = [
    { service: 'people', url: 'http://a:1' },
    { service: 'houses', url: 'http://a:2' },
  ] as const;
  expect(() => checkOwners([people, houses], confirming, FOLLOWS)).not.toThrow();
  expect(() => checkOwners([people], confirming, FOLLOWS)).toThrow(
    'wrong settings: QTM_OWNER_URLS names no address of houses, which may have to be asked',
  );
  expect(() => checkOwners([], confirming, FOLLOWS)).toThrow('of people, houses');
  expect(() => checkOwners([], row(''), FOLLOWS)).not.toThrow();
});

test('where nobody is asked nothing is confirmed', async () => {
  const asking = NO_OWNERS.ask({ service: 'people', type: 'person', id: 'ada' }, { trace: { traceparent: '' } });
  await expect(asking).rejects.toThrow(OwnerUnavailable);
});
