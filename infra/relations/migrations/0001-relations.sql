-- What an identity is to an operator. This view is the one place that says so: every service asks it, for deciding and for
-- seeing, and when authority over operators moves to a register only this view is sourced anew.
-- A delegation or membership counts only under the register version it was given under: once the register moves on, all end.
create view operator_relation as
  select id as operator, published ->> 'holder_identity_id' as identity_id, 'HOLDER' as relation,
         source, type, id, epoch, version, unknown
    from known_aggregate
   where source = 'operator' and type = 'operator'
  union all
  select d.published ->> 'operator', d.published ->> 'identity_id', d.published ->> 'power',
         d.source, d.type, d.id, d.epoch, d.version, d.unknown or o.unknown
    from known_aggregate d
    join known_aggregate o on o.source = 'operator' and o.type = 'operator' and o.id = d.published ->> 'operator'
   where d.source = 'operator' and d.type = 'delegation' and d.state = 'ACTIVE'
     and d.published ->> 'register_version' = o.published ->> 'register_version'
  union all
  select m.published ->> 'operator', m.published ->> 'identity_id', 'MEMBER',
         m.source, m.type, m.id, m.epoch, m.version, m.unknown or o.unknown
    from known_aggregate m
    join known_aggregate o on o.source = 'operator' and o.type = 'operator' and o.id = m.published ->> 'operator'
   where m.source = 'operator' and m.type = 'workspace_membership' and m.state = 'ACTIVE'
     and m.published ->> 'register_version' = o.published ->> 'register_version';

-- Roles that were granted here, beside those the issuer puts into a session.
create view granted_role as
  select published ->> 'identity_id' as identity_id, published ->> 'role' as role, source, type, id, epoch, version, unknown
    from known_aggregate
   where source = 'governance' and type = 'role_grant' and state = 'ACTIVE';

-- "Which operators is this identity anything to?" and "which roles?": asked by every list and every command.
create index foreign_aggregate_by_identity on foreign_aggregate ((published ->> 'identity_id'))
  where type in ('delegation', 'workspace_membership', 'role_grant');
create index foreign_aggregate_by_holder on foreign_aggregate ((published ->> 'holder_identity_id')) where type = 'operator';

-- Views are read; the default privileges of tables do not fit them.
revoke insert, update on operator_relation, granted_role from :"app";
