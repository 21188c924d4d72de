import { not_oneself } from '@qtm/relations';
import { command, locked, type Session, withReason } from '@qtm/service-kit';
import type { PersonalRef } from '@qtm/service-kit/domain';
import type { Identity } from '../domain/identity.ts';
import * as rules from '../domain/identity.ts';
import { nameFault } from '../domain/limits.ts';
import type { RegisterIdentityInput, ReinstateIdentityInput, SuspendIdentityInput } from '../generated/graphql.ts';
import { identities } from '../store.ts';

const ownIdentity = (_: RegisterIdentityInput, { identityId }: Session) => ({
  existing: locked(identities, identityId),
});

export const registerIdentity = command<
  RegisterIdentityInput,
  Identity,
  ReturnType<typeof ownIdentity>,
  'subject' | 'displayName'
>({
  transition: 'identity.register',
  aggregate: identities,
  subject: null,
  facts: ownIdentity,
  // The id derives from the session and from nothing else: it cannot be another's.
  conditions: { own_session: () => true },
  personal: ({ displayName }, { subject }) => ({ displayName, subject }),
  decide({ input, facts, personal, by, session, now }) {
    const fault = input.displayName == null ? undefined : nameFault('displayName', input.displayName);
    if (fault !== undefined) return fault;
    return rules.register(facts.existing?.value, {
      id: by,
      kind: session.kind === 'SERVICE' ? 'SERVICE' : 'HUMAN',
      subject: personal.subject as PersonalRef,
      displayName: personal.displayName,
      now,
    });
  },
});

export const suspendIdentity = command<SuspendIdentityInput, Identity, Record<never, never>, 'reason'>({
  transition: 'identity.suspend',
  aggregate: identities,
  subject: ({ identityId }) => identityId,
  conditions: { not_oneself },
  ...withReason,
  decide: ({ state }) => rules.suspend(state as Identity),
});

export const reinstateIdentity = command<ReinstateIdentityInput, Identity, Record<never, never>, 'reason'>({
  transition: 'identity.reinstate',
  aggregate: identities,
  subject: ({ identityId }) => identityId,
  conditions: { not_oneself },
  ...withReason,
  decide: ({ state }) => rules.reinstate(state as Identity),
});
