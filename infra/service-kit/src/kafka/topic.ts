import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TopicSettings } from './client.ts';

/** Where a service's facts go: `jobs.xen` → types `xen.jobs.…`, topic `xen.jobs.events.v1`. */
export interface Namespace {
  readonly namespace: string;
  readonly eventPrefix: string;
  readonly topic: string;
  /** Where the service says up to when its facts are out: one partition, kept for an hour. */
  readonly controlTopic: string;
}

/** 12 partitions, never changed: the key decides the partition, and order holds per key only while it stays. */
const PARTITIONS = 12;

/**
 * The namespaces of all services, from the contract's `namespaces.json`. `prefix` is put before topic names, so that several
 * installations can share a broker.
 */
export function loadNamespaces(schemaRoot: string, prefix: string): ReadonlyMap<string, Namespace> {
  const file = JSON.parse(readFileSync(join(schemaRoot, 'namespaces.json'), 'utf8')) as Record<string, string>;
  return new Map(
    Object.entries(file).map(([service, namespace]) => {
      const [name, tld] = namespace.split('.');
      const eventPrefix = `${tld}.${name}`;
      const topic = `${prefix}${eventPrefix}.events.v1`;
      return [service, { namespace, eventPrefix, topic, controlTopic: `${prefix}${eventPrefix}.watermarks.v1` }];
    }),
  );
}

/** Explicit settings of an event topic; a new consumer reads from the start, so nothing is ever deleted by default. */
export function eventTopicSettings(retentionMs: number): TopicSettings {
  return {
    partitions: PARTITIONS,
    config: { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs), 'retention.bytes': '-1' },
  };
}

const HOUR_MS = 3_600_000;

/** Settings of a control topic: the last watermarks say everything. */
export const CONTROL_TOPIC_SETTINGS: TopicSettings = {
  partitions: 1,
  config: { 'cleanup.policy': 'delete', 'retention.ms': String(HOUR_MS), 'segment.ms': String(HOUR_MS / 4) },
};
