import { holdsAny, registerOf, standing } from '@qtm/relations';
import { command, type FactValues, type Grounds, known, locked, type Session, withReason } from '@qtm/service-kit';
import * as delegation from '../domain/delegation.ts';
import type { Identity } from '../domain/identity.ts';
import type { Operator } from '../domain/operator.ts';
import * as membership from '../domain/workspace-membership.ts';
import type {
  AddWorkspaceMemberInput,
  DelegateInput,
  RemoveWorkspaceMemberInput,
  RevokeDelegationInput,
} from '../generated/graphql.ts';
import { delegations, memberships, operators } from '../store.ts';

/** Who may act for an operator, and who may see its work. The operator is the subject: its row is locked, its holder is asked. */
type OperatorInput = { readonly operator: string; readonly identityId: string; readonly idempotencyKey: string };

const subject = ({ operator }: OperatorInput) => operator;

const peopleFacts = ({ operator, identityId }: OperatorInput, session: Session) => ({
  standing: standing(operator, session),
  register: registerOf(operator),
  identity: known<Identity>('operator', 'identity', identityId),
});
type PeopleFacts = ReturnType<typeof peopleFacts>;

const holder = <I>({ facts }: Grounds<I, Operator, PeopleFacts>) => holdsAny(facts.standing, ['HOLDER']);

/** Where the entry cannot be known its last known version stands: what is given under one that has gone by is void. */
function givingFacts({ identity, register }: FactValues<PeopleFacts>): delegation.GivingFacts {
  if (register === undefined) throw new Error('an operator that nobody holds');
  return { identityKnown: identity !== undefined, registerVersion: register.value.registerVersion };
}

const delegationFacts = (input: DelegateInput | RevokeDelegationInput, session: Session) => ({
  ...peopleFacts(input, session),
  existing: locked(delegations, delegation.delegationId(input.operator, input.identityId, input.power)),
});

export const delegate = command<DelegateInput, Operator, ReturnType<typeof delegationFacts>>({
  transition: 'delegation.grant',
  aggregate: operators,
  subject,
  facts: delegationFacts,
  conditions: { holder },
  decide: ({ state, input, facts, by, now }) =>
    delegation.grant(
      state as Operator,
      facts.existing?.value,
      { identityId: input.identityId, power: input.power, by, now },
      givingFacts(facts),
    ),
});

export const revokeDelegation = command<RevokeDelegationInput, Operator, ReturnType<typeof delegationFacts>, 'reason'>({
  transition: 'delegation.revoke',
  aggregate: operators,
  subject,
  facts: delegationFacts,
  conditions: { holder },
  ...withReason,
  decide: ({ facts }) => delegation.revoke(facts.existing?.value),
});

const membershipFacts = (input: AddWorkspaceMemberInput | RemoveWorkspaceMemberInput, session: Session) => ({
  ...peopleFacts(input, session),
  existing: locked(memberships, membership.membershipId(input.operator, input.identityId)),
});

export const addWorkspaceMember = command<AddWorkspaceMemberInput, Operator, ReturnType<typeof membershipFacts>>({
  transition: 'workspace_membership.add',
  aggregate: operators,
  subject,
  facts: membershipFacts,
  conditions: { holder },
  decide: ({ state, input, facts, by, now }) =>
    membership.add(
      state as Operator,
      facts.existing?.value,
      { identityId: input.identityId, by, now },
      givingFacts(facts),
    ),
});

export const removeWorkspaceMember = command<
  RemoveWorkspaceMemberInput,
  Operator,
  ReturnType<typeof membershipFacts>,
  'reason'
>({
  transition: 'workspace_membership.remove',
  aggregate: operators,
  subject,
  facts: membershipFacts,
  conditions: { holder },
  ...withReason,
  decide: ({ facts }) => membership.remove(facts.existing?.value),
});
