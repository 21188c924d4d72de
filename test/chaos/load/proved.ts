import type { SigningKey } from '@qtm/local';
import { type Principal, principal } from '../../../infra/scripts/replay/principals.ts';

/** Well below the age at which somebody must prove again who they are. */
const PROVED_EVERY_MS = 60_000;

/** Somebody who signs in anew so often that a session is always good for what takes one that was proved a moment ago. */
export function proved(
  key: SigningKey,
  subject: string,
  displayName: string,
  roles: readonly string[] = [],
): Principal {
  let current = principal(key, subject, displayName, roles);
  let sinceMs = performance.now();
  return {
    subject,
    displayName,
    token() {
      if (performance.now() - sinceMs > PROVED_EVERY_MS) {
        current = principal(key, subject, displayName, roles);
        sinceMs = performance.now();
      }
      return current.token();
    },
  };
}
