import type { Agency } from './agencies.ts';
import { type Client, Memory } from './client.ts';
import type { Cast, Principal } from './principals.ts';
import type { SourceRow } from './source.ts';

const SURFACE = 'municipal';
const LAST_STAGE = 'resolution';

/** Runs one row through the spine, as far as the city took it. Every step has a key of its own, so a row can be resumed anywhere. */
export async function replayRow(client: Client, cast: Cast, agency: Agency, row: SourceRow): Promise<string> {
  const memory = new Memory(agency.tokens);
  const step = <T>(as: Principal, field: string, selection: string, input: object) =>
    client.mutate<T>(as, memory, field, selection, { idempotencyKey: `${row.key}:${field}`, ...input });
  const { requester, governor } = cast;

  const { intake, task } = await step<{ intake: { id: string }; task: { id: string } }>(
    requester,
    'submitRequest',
    'intake { id } task { id }',
    requestOf(row, agency),
  );
  const taskId = task.id;
  await step(governor, 'reviewTask', 'task { state }', { taskId, risk: 'LOW' });
  await step(governor, 'approveTask', 'task { state }', { taskId });
  if (row.closedDate.trim() === '') return intake.id;

  await step(governor, 'assignTask', 'assignment { id }', { taskId, operator: agency.slug });
  const { job } = await step<{ job: { id: string } }>(governor, 'createJob', 'job { id }', { taskId });
  const jobId = job.id;
  const { holder, slug } = agency;
  await step(holder, 'claimJob', 'job { state }', { jobId, asOperator: slug });
  await step(holder, 'startJob', 'serviceEvent { id }', { jobId });
  await step(holder, 'advanceStage', 'serviceEvent { stage }', { jobId, toStage: LAST_STAGE });
  const { note, outcome } = resolutionOf(row);
  await step(holder, 'attachEvidence', 'evidence { state }', { jobId, stage: LAST_STAGE, kind: 'NOTE', note });
  await step(holder, 'completeServiceEvent', 'record { id sha256 }', { jobId, outcome });
  await step(holder, 'completeJob', 'job { state }', { jobId });
  return intake.id;
}

function requestOf(row: SourceRow, { slug }: Agency): object {
  const { channel, complaintType, descriptor, locationType, createdDate } = row;
  const attributes = Object.entries({ descriptor, location_type: locationType, created_date: createdDate })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, value }));
  return {
    surface: SURFACE,
    what: descriptor.trim() === '' ? complaintType : `${complaintType}: ${descriptor}`,
    channel,
    category: complaintType,
    actor: { reference: `nyc311:${channel}`, kind: 'PERSON' },
    location: {
      address: textOrNull(row.address),
      city: textOrNull(row.city),
      postalCode: textOrNull(row.zip),
      region: textOrNull(row.borough),
      latitude: row.latitude,
      longitude: row.longitude,
    },
    attributes,
    routingOrigin: slug,
  };
}

/** What the city said of the end; where it said nothing, that it said nothing. */
function resolutionOf({ resolution, status, closedDate }: SourceRow): { note: string; outcome: string } {
  return resolution.trim() === ''
    ? { note: `${status} on ${closedDate}, without a statement`, outcome: 'CLOSED_WITHOUT_STATEMENT' }
    : { note: resolution, outcome: 'RESOLVED' };
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text;
}
