import type { Matrix } from '../authority/matrix.ts';
import { fromWire } from '../journal/keys.ts';
import { SettingsError } from '../process/settings.ts';
import type { Asked, Confirmed } from './confirmed.ts';

/** Where a service answers for what it owns; several processes of one service are listed one by one. */
export interface OwnerAddress {
  readonly service: string;
  /** `http://host:port` */
  readonly url: string;
}

/** What of the request goes along to the owner, so that it answers the caller and nobody else. */
export interface OnBehalfOf {
  /** The header with the caller's own token; never logged. */
  readonly authorization?: string | undefined;
  readonly trace: { readonly traceparent: string };
}

/** The services that own what is confirmed. */
export interface Owners {
  /**
   * What the owner has of it now; undefined where it has none, or none that the caller may see.
   * @throws OwnerUnavailable where it cannot be asked, or does not answer in time
   */
  ask(asked: Asked, behalf: OnBehalfOf): Promise<Confirmed | undefined>;
}

/** The owner could not be asked; the message may be logged. */
export class OwnerUnavailable extends Error {}

/** Where nobody is asked: at desks beside a service, which decide nothing. */
export const NO_OWNERS: Owners = {
  async ask({ service }) {
    throw new OwnerUnavailable(`no address of ${service} is known here`);
  },
};

export interface OwnersOptions {
  readonly addresses: readonly OwnerAddress[];
  /** For one question, however many addresses are tried. */
  readonly timeoutMs: number;
}

/** Asks owners over HTTP. Where one process of a service does not answer the next one is asked, in its share of the time. */
export function createOwners({ addresses, timeoutMs }: OwnersOptions): Owners {
  const urlsOf = Map.groupBy(addresses, ({ service }) => service);
  return {
    async ask(asked, behalf) {
      const urls = urlsOf.get(asked.service) ?? [];
      const endsAtMs = performance.now() + timeoutMs;
      let failure = `no address of ${asked.service} is listed`;
      for (const [index, { url }] of urls.entries()) {
        const shareMs = (endsAtMs - performance.now()) / (urls.length - index);
        try {
          return await askAt(url, asked, behalf, shareMs);
        } catch (cause) {
          failure = `${url}: ${reasonOf(cause)}`;
        }
      }
      throw new OwnerUnavailable(failure);
    },
  };
}

async function askAt(
  url: string,
  { type, id }: Asked,
  { authorization, trace }: OnBehalfOf,
  timeoutMs: number,
): Promise<Confirmed | undefined> {
  const response = await fetch(`${url}/aggregates/${encodeURIComponent(type)}/${encodeURIComponent(id)}`, {
    headers: {
      accept: 'application/json',
      traceparent: trace.traceparent,
      ...(authorization === undefined ? {} : { authorization }),
    },
    // The token is for this address alone.
    redirect: 'error',
    signal: AbortSignal.timeout(Math.max(0, Math.floor(timeoutMs))),
  });
  const body: unknown = await response.json();
  if (response.status === 404 && saysNotFound(body)) return undefined;
  if (response.status !== 200) throw new OwnerUnavailable(`it answered with status ${response.status}`);
  return confirmedIn(body);
}

/** Only an owner that says so has none: any server has paths that it does not know. */
function saysNotFound(body: unknown): boolean {
  const { errors } = body as { errors?: readonly { extensions?: { code?: unknown } }[] };
  return errors?.[0]?.extensions?.code === 'NOT_FOUND';
}

function confirmedIn(body: unknown): Confirmed {
  const { epoch, version, state } = body as { epoch?: unknown; version?: unknown; state?: unknown };
  if (!Number.isInteger(epoch) || !Number.isInteger(version) || typeof state !== 'object' || state === null) {
    throw new OwnerUnavailable('it answered in another form');
  }
  return { epoch: epoch as number, version: version as number, value: fromWire(state) };
}

/** A failed connection hides behind "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

/**
 * Holds the addresses against what a service may have to ask: its matrix says whether, and whom it may ask are those it follows.
 * @throws SettingsError naming the services that are not listed
 */
export function checkOwners(
  addresses: readonly OwnerAddress[],
  { rows }: Pick<Matrix, 'rows'>,
  follows: Readonly<Record<string, unknown>>,
): void {
  if (![...rows.values()].some(({ confirm }) => confirm.length > 0)) return;
  const missing = Object.keys(follows).filter((service) => !addresses.some((one) => one.service === service));
  if (missing.length === 0) return;
  throw new SettingsError([`QTM_OWNER_URLS names no address of ${missing.join(', ')}, which may have to be asked`]);
}
