import type { SigningKey } from '@qtm/local';
import { type Client, Memory, Refused } from './client.ts';
import { type Cast, type Principal, principal } from './principals.ts';
import type { SourceRow } from './source.ts';

/** An agency as an operator: onboarded by one governor, activated by another, held by an identity of its own. */
export interface Agency {
  readonly slug: string;
  readonly holder: Principal;
  /** What rows of this agency begin with having seen. */
  readonly tokens: string | undefined;
}

/** `DOHMH` → `dohmh`, `NYC311-PRD` → `nyc311-prd`. */
export function slugOf(agency: string): string {
  return agency
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '');
}

/** Makes sure that everybody is registered, and every agency of these rows an active operator. The same again changes nothing. */
export async function prepare(
  client: Client,
  key: SigningKey,
  cast: Cast,
  rows: readonly SourceRow[],
): Promise<ReadonlyMap<string, Agency>> {
  const memory = new Memory();
  for (const one of Object.values(cast)) await register(client, one, memory);
  const names = new Map(rows.map((row) => [row.agency, row.agencyName]));
  const agencies = new Map<string, Agency>();
  await Promise.all(
    [...names].map(async ([agency, name]) => {
      const own = new Memory(memory.tokens);
      const slug = slugOf(agency);
      const holder = principal(key, `nyc311-holder-${slug}`, `Holder of ${slug}`);
      const holderIdentityId = await register(client, holder, own);
      await become(client, cast, own, { slug, name: name.trim() || agency, holderIdentityId });
      agencies.set(agency, { slug, holder, tokens: own.tokens });
    }),
  );
  return agencies;
}

async function register(client: Client, who: Principal, memory: Memory): Promise<string> {
  const input = { idempotencyKey: `nyc311:register:${who.subject}`, displayName: who.displayName };
  try {
    const { identity } = await client.mutate<{ identity: { id: string } }>(
      who,
      memory,
      'registerIdentity',
      'identity { id }',
      input,
    );
    return identity.id;
  } catch (error) {
    if (!(error instanceof Refused && error.code === 'ALREADY_REGISTERED')) throw error;
    return (await client.query<{ me: { id: string } }>(who, memory, '{ me { id } }')).me.id;
  }
}

async function become(
  client: Client,
  { governor, secondGovernor }: Cast,
  memory: Memory,
  { slug, name, holderIdentityId }: { readonly slug: string; readonly name: string; readonly holderIdentityId: string },
): Promise<void> {
  await client.mutate(governor, memory, 'onboardOperator', 'operator { slug }', {
    idempotencyKey: `nyc311:onboard:${slug}`,
    slug,
    name,
    type: 'AGENCY',
    surfaces: ['municipal'],
    holderIdentityId,
  });
  await client.mutate(secondGovernor, memory, 'activateOperator', 'operator { state }', {
    idempotencyKey: `nyc311:activate:${slug}`,
    slug,
  });
}
