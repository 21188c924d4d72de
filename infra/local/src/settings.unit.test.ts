import { expect, test } from 'vitest';
import { LocalStackFault } from './fault.ts';
import { localSettings } from './settings.ts';

test('nothing need be set', () => {
  expect(localSettings({})).toEqual({ QTM_LOCAL_POSTGRES_URL: undefined, QTM_LOCAL_KAFKA_BROKERS: undefined });
});

test('brokers are a list', () => {
  expect(localSettings({ QTM_LOCAL_KAFKA_BROKERS: 'a:1, b:2' }).QTM_LOCAL_KAFKA_BROKERS).toEqual(['a:1', 'b:2']);
});

test('all faults are one line of one fault', () => {
  const wrong = () => localSettings({ QTM_LOCAL_POSTGRES_URL: 'x', QTM_LOCAL_KAFKA_BROKERS: ',' });
  expect(wrong).toThrow(LocalStackFault);
  expect(wrong).toThrow(/^wrong settings: QTM_LOCAL_POSTGRES_URL: .*; QTM_LOCAL_KAFKA_BROKERS: .*$/);
});
