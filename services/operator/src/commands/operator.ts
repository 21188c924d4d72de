import { holdsAny, standing } from '@qtm/relations';
import { command, type Grounds, known, locked, type Session, withReason } from '@qtm/service-kit';
import type { PersonalRef } from '@qtm/service-kit/domain';
import type { Identity } from '../domain/identity.ts';
import type { Operator } from '../domain/operator.ts';
import * as rules from '../domain/operator.ts';
import type {
  ActivateOperatorInput,
  OnboardOperatorInput,
  ReinstateOperatorInput,
  RetireOperatorInput,
  SetReadinessInput,
  SuspendOperatorInput,
} from '../generated/graphql.ts';
import { operators } from '../store.ts';

type None = Record<never, never>;

const subject = ({ slug }: { readonly slug: string }) => slug;

const onboardFacts = ({ slug, holderIdentityId }: OnboardOperatorInput) => ({
  existing: locked(operators, slug),
  holder: known<Identity>('operator', 'identity', holderIdentityId),
  register: imported(slug),
});

/**
 * What the register says of a slug that nobody has yet, as far as it is known here. An onboarding does not wait for the register: what it
 * says of the holder is told to people, and the register decides. An entry that cannot be known says nothing.
 */
function imported(slug: string) {
  return { ...known<rules.Held>('transfer', 'register_entry', `operator:${slug}`), sources: [] };
}

export const onboardOperator = command<OnboardOperatorInput, Operator, ReturnType<typeof onboardFacts>, 'name'>({
  transition: 'operator.onboard',
  aggregate: operators,
  subject: null,
  facts: onboardFacts,
  personal: ({ name }) => ({ name }),
  decide: ({ input, facts, personal, by, now }) =>
    rules.onboard(
      { ...input, name: { value: input.name, personal: personal.name as PersonalRef }, by, now },
      {
        existing: facts.existing?.value.state,
        holderKind: facts.holder?.value.kind,
        register: facts.register?.unknown === false ? facts.register.value : undefined,
      },
    ),
});

export const activateOperator = command<ActivateOperatorInput, Operator>({
  transition: 'operator.activate',
  aggregate: operators,
  subject,
  conditions: { not_onboarder: ({ state, session }) => state?.onboardedBy !== session.identityId },
  decide: ({ state, by, now }) => rules.activate(state as Operator, { by, now }),
});

export const suspendOperator = command<SuspendOperatorInput, Operator, None, 'reason'>({
  transition: 'operator.suspend',
  aggregate: operators,
  subject,
  ...withReason,
  decide: ({ state }) => rules.suspend(state as Operator),
});

export const reinstateOperator = command<ReinstateOperatorInput, Operator, None, 'reason'>({
  transition: 'operator.reinstate',
  aggregate: operators,
  subject,
  ...withReason,
  decide: ({ state }) => rules.reinstate(state as Operator),
});

export const retireOperator = command<RetireOperatorInput, Operator, None, 'reason'>({
  transition: 'operator.retire',
  aggregate: operators,
  subject,
  ...withReason,
  decide: ({ state }) => rules.retire(state as Operator),
});

const readinessFacts = ({ slug }: SetReadinessInput, session: Session) => ({ standing: standing(slug, session) });

export const setReadiness = command<SetReadinessInput, Operator, ReturnType<typeof readinessFacts>>({
  transition: 'operator.set_readiness',
  aggregate: operators,
  subject,
  facts: readinessFacts,
  conditions: {
    holder: ({ facts }: Grounds<SetReadinessInput, Operator, ReturnType<typeof readinessFacts>>) =>
      holdsAny(facts.standing, ['HOLDER']),
  },
  decide: ({ state, input }) => rules.setReadiness(state as Operator, input.readiness),
});
