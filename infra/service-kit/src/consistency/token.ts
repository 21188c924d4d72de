import { createHmac, timingSafeEqual } from 'node:crypto';

/** "I have seen this version of this aggregate": `<service>/<type>/<id>@<epoch>.<version>`, signed. */
export interface SeenVersion {
  readonly service: string;
  readonly type: string;
  readonly id: string;
  readonly epoch: number;
  readonly version: number;
}

/** The aggregate that is spoken of, whatever its version. */
export function aggregateKey({ service, type, id }: Pick<SeenVersion, 'service' | 'type' | 'id'>): string {
  return `${service}/${type}/${id}`;
}

/** How new an aggregate is. */
export type VersionAt = Pick<SeenVersion, 'epoch' | 'version'>;

/** True where `known` is at least as new as `wanted`. */
export function reaches(known: VersionAt, wanted: VersionAt): boolean {
  return known.epoch > wanted.epoch || (known.epoch === wanted.epoch && known.version >= wanted.version);
}

/** Header in which tokens travel, separated by commas, in both directions. */
export const CONSISTENCY_HEADER = 'qtm-consistency';
/** Header that says that a read answered before everything the client has seen had arrived. */
export const INCOMPLETE_HEADER = 'qtm-consistency-incomplete';
/** Header with what is left of the waiting budget of the whole client operation, in milliseconds. */
export const WAIT_BUDGET_HEADER = 'qtm-deadline-ms';

const MAX_TOKENS = 256;
const MAC_BYTES = 16;
const FORM = /^([a-z][a-z0-9-]*)\/([a-z][a-z0-9_]*)\/([^/@~,\s]+)@(\d{1,9})\.(\d{1,9})~([\w-]{22})$/;

/** Signed with a secret the services share, so that nobody can make a service wait for what will never come. */
export class TokenSigner {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  sign({ service, type, id, epoch, version }: SeenVersion): string {
    // encodeURIComponent leaves '~' alone, which here begins the signature.
    const name = encodeURIComponent(id).replaceAll('~', '%7E');
    const text = `${service}/${type}/${name}@${epoch}.${version}`;
    return `${text}~${this.#mac(text).toString('base64url')}`;
  }

  /** The versions of a header, the newest of each aggregate; what is malformed, not signed by us or too much is left out. */
  verify(header: string | undefined): readonly SeenVersion[] {
    const newest = new Map<string, SeenVersion>();
    for (const token of (header ?? '').split(',', MAX_TOKENS)) {
      const seen = this.#read(token.trim());
      if (seen === undefined) continue;
      const key = aggregateKey(seen);
      const other = newest.get(key);
      if (other === undefined || !reaches(other, seen)) newest.set(key, seen);
    }
    return [...newest.values()];
  }

  #read(token: string): SeenVersion | undefined {
    const [, service = '', type = '', id = '', epoch = '', version = '', mac = ''] = FORM.exec(token) ?? [];
    if (mac === '') return undefined;
    const signed = token.slice(0, token.lastIndexOf('~'));
    if (!timingSafeEqual(this.#mac(signed), Buffer.from(mac, 'base64url'))) return undefined;
    try {
      return { service, type, id: decodeURIComponent(id), epoch: Number(epoch), version: Number(version) };
    } catch {
      return undefined;
    }
  }

  #mac(text: string): Buffer {
    return createHmac('sha256', this.#secret).update(text).digest().subarray(0, MAC_BYTES);
  }
}
