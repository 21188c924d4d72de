-- Indexes of the lists and look-ups; every list is ordered by (sort key, id) and read by keyset.
create index identity_by_registered on identity (registered_at, id);
create index operator_by_onboarded on operator (onboarded_at, id);

-- What an identity is to operators: asked by every command and list, in the words of the view `operator_relation`.
create index operator_by_holder on operator ((published ->> 'holder_identity_id'));
create index delegation_by_identity on delegation ((published ->> 'identity_id'));
create index workspace_membership_by_identity on workspace_membership ((published ->> 'identity_id'));

-- Delegations and members of one operator.
create index delegation_by_operator on delegation (operator, delegated_at, id);
create index workspace_membership_by_operator on workspace_membership (operator, added_at, id);
