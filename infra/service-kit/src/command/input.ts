import { type Refusal, refuse } from '../domain.ts';
import type { CommandInput } from './command.ts';
import type { KitRefusalCode } from './refusals.ts';

const MAX_KEY_LENGTH = 200;
const MAX_REASON_LENGTH = 4_000;

/**
 * What is refused of any input before it is looked at: an empty or oversize key, an oversize reason, and text that PostgreSQL or UTF-8 cannot hold.
 * Everything else, control characters included, is kept as it was given.
 */
export function inputRefusal(
  input: CommandInput,
  reason: string | null | undefined,
): Refusal<KitRefusalCode> | undefined {
  const { length } = input.idempotencyKey;
  if (length === 0 || length > MAX_KEY_LENGTH) {
    return refuse('INVALID_INPUT', { idempotencyKey: `1 to ${MAX_KEY_LENGTH} characters` });
  }
  if (reason != null && [...reason].length > MAX_REASON_LENGTH) {
    return refuse('INVALID_INPUT', { reason: `at most ${MAX_REASON_LENGTH} characters` });
  }
  const fault = textFault(input, 'input');
  return fault === undefined
    ? undefined
    : refuse('INVALID_INPUT', { [fault]: 'holds NUL or half of a surrogate pair' });
}

function textFault(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const fault = textFault(item, `${path}.${key}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
