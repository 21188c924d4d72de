import type { RefusalText } from '@qtm/service-kit/domain';
import type { DelegationRefusalCode } from './delegation.ts';
import type { IdentityRefusalCode } from './identity.ts';
import type { OperatorRefusalCode } from './operator.ts';
import type { MembershipRefusalCode } from './workspace-membership.ts';

type RefusalCode = IdentityRefusalCode | OperatorRefusalCode | DelegationRefusalCode | MembershipRefusalCode;

/** Every refusal of this service: what it tells the client, and whether the same command may be accepted later. */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalText>> = {
  WRONG_STATE: { message: 'its state does not allow this', retryable: false },
  ALREADY_REGISTERED: { message: 'the identity of this session is registered already', retryable: false },
  SLUG_TAKEN: { message: 'this slug belongs to an operator, or looks like one that does', retryable: false },
  SLUG_NOT_ALLOWED: {
    message:
      'a slug has 3 to 40 lower-case letters, digits and single hyphens, begins with a letter and is no reserved word',
    retryable: false,
  },
  SURFACE_NOT_ALLOWED: {
    message: 'a surface is a word of lower-case letters, digits, _ and -, beginning with a letter',
    retryable: false,
  },
  LIMIT_EXCEEDED: {
    message: 'a value is beyond its limit; the details say which and what the limit is',
    retryable: false,
  },
  IDENTITY_UNKNOWN: { message: 'no identity of this id is registered', retryable: true },
  HOLDER_NOT_HUMAN: { message: 'an operator is held by a human', retryable: false },
  HOLDER_DIFFERS: {
    message:
      'the register was imported and names another holder of this slug; onboard it with that one, and transfer it',
    retryable: false,
  },
  NOT_TO_ONESELF: { message: 'the holder has every power already', retryable: false },
  OPERATOR_RETIRED: { message: 'this operator was retired', retryable: false },
};
