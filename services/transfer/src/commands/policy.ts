import { command } from '@qtm/service-kit';
import { setPolicy, type TransferPolicy } from '../domain/transfer-policy.ts';
import type { SetTransferPolicyInput } from '../generated/graphql.ts';
import { transferPolicies } from '../store.ts';

export const setTransferPolicy = command<SetTransferPolicyInput, TransferPolicy>({
  transition: 'transfer_policy.set',
  aggregate: transferPolicies,
  subject: ({ objectClass }) => objectClass,
  decide({ state, input, by, now }) {
    const settled = {
      distinctActors: input.distinctActors,
      waiverAllowed: input.waiverAllowed ?? true,
      reviewRequired: input.reviewRequired ?? false,
      recoveryBySuperAdmin: input.recoveryBySuperAdmin ?? false,
      requiredCredentials: [...new Set(input.requiredCredentials ?? [])].sort(),
      voidable: input.voidable ?? true,
      lockable: input.lockable ?? false,
      proposedExpiresS: input.proposedExpiresSeconds ?? null,
      acceptedExpiresS: input.acceptedExpiresSeconds ?? null,
      coolOffS: input.coolOffSeconds ?? 0,
    };
    return setPolicy(state as TransferPolicy, settled, { by, now });
  },
});
