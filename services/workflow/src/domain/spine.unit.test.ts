import { describe, expect, test } from 'vitest';
import { namesSpineStep, reachesForSpine } from './spine.ts';

describe('a stage names a step of the spine', () => {
  test.each([
    ...['actor', 'request', 'intake', 'task', 'assignment', 'job', 'service_event', 'record', 'settlement', 'signal'],
    ...['claim', 'claimed', 'start', 'completed', 'aborted', 'sealed', 'settle', 'payment'],
    ...[
      'claim_job',
      'job_claimed',
      'create_job',
      'review_task',
      'task_approved',
      'seal_record',
      'complete_service_event',
    ],
  ])('%s', (name) => {
    expect(namesSpineStep(name)).toBe(true);
  });

  test.each([
    ...['inspection', 'resolution', 'pickup', 'in_transit', 'delivered', 'review', 'approved'],
    ...['damage_record', 'customs_release', 'job_site', 'service', 'part_request', 'quality_review', ''],
  ])('%s does not', (name) => {
    expect(namesSpineStep(name)).toBe(false);
  });
});

describe('a key reaches for the spine', () => {
  test.each([
    ...[
      'states',
      'steps',
      'spine',
      'transitions',
      'hooks',
      'job',
      'jobs',
      'record',
      'settlement',
      'claim',
      'on_complete',
    ],
    ...['onComplete', 'before_claim', 'afterRecord', 'service_event', 'serviceEvents', 'from', 'to'],
  ])('%s', (key) => {
    expect(reachesForSpine(key)).toBe(true);
  });

  test.each(['color', 'notes', 'assignee', 'desk', 'stage', 'evidence', ''])('%s does not', (key) => {
    expect(reachesForSpine(key)).toBe(false);
  });
});
