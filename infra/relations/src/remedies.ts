import type { Remedies } from '@qtm/service-kit';

/** What would have to change for a relation or a condition that several services ask for to hold. */
export const REMEDIES = {
  holder: 'it takes the identity that holds the operator',
  executes_for: 'it takes the holder of the operator concerned, or an identity to which the holder delegated EXECUTE',
  governs:
    'it takes whoever governs: the role admin_governor for the network, the holder or a GOVERN delegate for an operator',
  not_oneself: 'it takes another identity than the one it is about',
  operator_active: 'the operator concerned must be ACTIVE',
} as const satisfies Remedies;
