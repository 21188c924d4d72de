import { randomBytes } from 'node:crypto';

/** Keys and ids are new in every run, whatever the seed: what was used is used for ever. */
export function freshKey(): string {
  return `key-${randomBytes(9).toString('base64url')}`;
}

export function freshId(): string {
  const hex = randomBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

export function freshSlug(): string {
  return `crew-${randomBytes(6).toString('hex')}`;
}
