import type { Refusal, RefusalText } from '../domain.ts';

/** Refusals that the kit itself gives, for every command alike. */
export const KIT_REFUSALS = {
  NOT_FOUND: { message: 'there is nothing with this id that you may see', retryable: false },
  VERSION_CONFLICT: { message: 'it has been changed since the version you expected; read it again', retryable: false },
  IDEMPOTENCY_CONFLICT: {
    message: 'this idempotency key was used for another input; use a new key for a new command',
    retryable: false,
  },
  NOT_YET_VISIBLE: {
    message: 'a fact you have seen has not arrived here yet; repeat with the same key',
    retryable: true,
  },
  AUTHORITY_UNKNOWN: {
    message: 'a fact that decides whether you may do this cannot be known at the moment; repeat later',
    retryable: true,
  },
  AUTHORITY_STALE: { message: 'facts that decide whether you may do this are too old; repeat later', retryable: true },
  AUTHORITY_UNAVAILABLE: {
    message: 'the service that must confirm this cannot be reached; repeat later',
    retryable: true,
  },
  INVALID_INPUT: { message: 'a value of the input is not acceptable', retryable: false },
} as const satisfies Record<string, RefusalText>;

export type KitRefusalCode = keyof typeof KIT_REFUSALS;
export type RefusalTexts = Readonly<Record<string, RefusalText>>;

/** A refusal as GraphQL clients get it (`Refusal` of the shared schema). */
export interface RefusalValue {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly currentState: string | null;
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

/** The client's form of a refusal; `texts` is the service's own exhaustive record. */
export function refusalValue(texts: RefusalTexts, refusal: Refusal, currentState: string | null): RefusalValue {
  const text = texts[refusal.code] ?? KIT_REFUSALS[refusal.code as KitRefusalCode];
  if (text === undefined) throw new Error(`the refusal ${refusal.code} has no text`);
  return { code: refusal.code, ...text, currentState, details: refusal.details };
}
