import { Counter, Gauge, Histogram, LAG_BUCKETS_S, LATENCY_BUCKETS_S, type Registry } from '../process/metrics.ts';

/** What every service measures of itself. Times are in seconds. */
export function createKitMetrics(registry: Registry) {
  const registers = [registry];
  return {
    commands: new Histogram({
      name: 'qtm_command_seconds',
      help: 'governed commands by transition and outcome (accepted, replayed, refused, challenged, denied, failed)',
      labelNames: ['transition', 'outcome'] as const,
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    attempts: new Counter({
      name: 'qtm_attempts_total',
      help: 'denied attempts, each also a fact on the topic unless it is beyond the cap',
      labelNames: ['transition', 'kind'] as const,
      registers,
    }),
    attemptsCounted: new Counter({
      name: 'qtm_attempts_counted_total',
      help: 'denied attempts beyond the cap, of which one fact a minute and principal tells the number',
      labelNames: ['transition', 'kind'] as const,
      registers,
    }),
    unauthenticated: new Counter({
      name: 'qtm_unauthenticated_total',
      help: 'requests without a valid session',
      registers,
    }),
    waits: new Histogram({
      name: 'qtm_consistency_wait_seconds',
      help: 'waits for facts the client has seen, by outcome (arrived, late, full)',
      labelNames: ['outcome'] as const,
      buckets: LATENCY_BUCKETS_S,
      registers,
    }),
    longestWait: new Gauge({
      name: 'qtm_consistency_longest_wait_seconds',
      help: 'longest wait for a fact since start',
      registers,
    }),
    waiters: new Gauge({ name: 'qtm_consistency_waiters', help: 'requests that wait for a fact now', registers }),
    relayed: new Counter({ name: 'qtm_relay_events_total', help: 'events acknowledged by Kafka', registers }),
    relayRecoveries: new Counter({
      name: 'qtm_relay_slots_made_total',
      help: 'slots made, at the first start or because the slot was lost',
      registers,
    }),
    relayRepublished: new Counter({
      name: 'qtm_relay_republished_events_total',
      help: 'events sent, most of them again, because the slot was lost',
      registers,
    }),
    relayLag: new Histogram({
      name: 'qtm_relay_lag_seconds',
      help: 'from the commit of the fact to its acknowledgement by Kafka',
      buckets: LAG_BUCKETS_S,
      registers,
    }),
    relayQueue: new Gauge({
      name: 'qtm_relay_queue_events',
      help: 'events read from the slot, not yet sent',
      registers,
    }),
    consumed: new Counter({
      name: 'qtm_consumer_events_total',
      help: 'events of followed topics by outcome (applied, skipped, parked)',
      labelNames: ['topic', 'outcome'] as const,
      registers,
    }),
    consumerLag: new Histogram({
      name: 'qtm_consumer_lag_seconds',
      help: 'from the fact to its effect here',
      buckets: LAG_BUCKETS_S,
      registers,
    }),
    parked: new Gauge({ name: 'qtm_consumer_parked_events', help: 'events that wait for a human', registers }),
    freshAsOf: new Gauge({
      name: 'qtm_source_fresh_as_of_seconds',
      help: 'up to when everything a followed service committed is known here, in seconds since 1970; at the replica that reads its watermarks',
      labelNames: ['source'] as const,
      registers,
    }),
    clockRuns: new Counter({
      name: 'qtm_clock_runs_total',
      help: "commands of the service's own clock by outcome (done, refused, denied, failed); a race that was lost is refused or done",
      labelNames: ['transition', 'outcome'] as const,
      registers,
    }),
    divergent: new Counter({
      name: 'qtm_consumer_divergent_total',
      help: 'two contents for one version of a foreign aggregate',
      registers,
    }),
  };
}

export type KitMetrics = ReturnType<typeof createKitMetrics>;
