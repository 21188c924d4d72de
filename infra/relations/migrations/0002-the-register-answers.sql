-- breaks older releases: they take whoever was named at the onboarding for the holder, and would not see that an operator was transferred

-- Authority over operators is the register's to give (docs/decisions/0019-transfer-contract.md): who holds an operator, and under which
-- version delegations and memberships count, is what its register entry says, which is named `operator:<slug>`. Where no entry was heard
-- of yet, the onboarding is its first version: what the operator says of itself. An entry of which nothing but the name is known, since
-- its first event is parked, says no more than that, but nothing is sure then.

-- Who holds each operator, and under which version of the register; source, type and id name the fact that says so.
create view operator_register as
  select o.id as operator,
         coalesce(e.published ->> 'holder_identity_id', o.published ->> 'holder_identity_id') as holder_identity_id,
         coalesce(e.published ->> 'register_version', o.published ->> 'register_version')::integer as register_version,
         coalesce(e.source, o.source) as source, coalesce(e.type, o.type) as type, coalesce(e.id, o.id) as id,
         coalesce(e.epoch, o.epoch) as epoch, coalesce(e.version, o.version) as version,
         coalesce(e.unknown, o.unknown) as unknown
    from known_aggregate o
    left join known_aggregate e on e.source = 'transfer' and e.type = 'register_entry' and e.id = 'operator:' || o.id
   where o.source = 'operator' and o.type = 'operator';

-- Holders by entries and holders by onboardings are two branches, so that an identity's operators are found by an index in both; what
-- was given to people is one, since all of it lies in the same index.
create or replace view operator_relation as
  select published ->> 'object_id' as operator, published ->> 'holder_identity_id' as identity_id, 'HOLDER' as relation,
         source, type, id, epoch, version, unknown
    from known_aggregate
   where source = 'transfer' and type = 'register_entry' and published ->> 'object_class' = 'operator'
  union all
  select o.id, o.published ->> 'holder_identity_id', 'HOLDER',
         o.source, o.type, o.id, o.epoch, o.version, o.unknown or e.id is not null
    from known_aggregate o
    left join known_aggregate e on e.source = 'transfer' and e.type = 'register_entry' and e.id = 'operator:' || o.id
   where o.source = 'operator' and o.type = 'operator' and e.published ->> 'holder_identity_id' is null
  union all
  select given.published ->> 'operator', given.published ->> 'identity_id', coalesce(given.published ->> 'power', 'MEMBER'),
         given.source, given.type, given.id, given.epoch, given.version, given.unknown or r.unknown
    from known_aggregate given
    join operator_register r on r.operator = given.published ->> 'operator'
   where given.source = 'operator' and given.type in ('delegation', 'workspace_membership') and given.state = 'ACTIVE'
     and (given.published ->> 'register_version')::integer = r.register_version;

-- "Which operators is this identity anything to?", of entries.
create index foreign_aggregate_by_register_holder on foreign_aggregate ((published ->> 'holder_identity_id'))
  where type = 'register_entry';

-- What PostgreSQL learns of an index over part of a table it does not use for its guesses. Without these it takes an identity for
-- something to one in two hundred operators, and starts parallel workers for what is a few look-ups.
create statistics foreign_aggregate_identities on (published ->> 'identity_id') from foreign_aggregate;
create statistics foreign_aggregate_holders on (published ->> 'holder_identity_id') from foreign_aggregate;

-- Views are read; the default privileges of tables do not fit them.
revoke insert, update on operator_register from :"app";
