-- Below this transaction every journal row of an epoch is on the topic: from here a relay whose slot was lost sends again. Transactions
-- are counted by the cluster, and a restored database may live in another one; so each epoch has a horizon of its own.
create table relay_horizon (
  epoch integer primary key,
  xid   xid8    not null
);
insert into relay_horizon (epoch, xid) select value, '0' from epoch;
revoke insert, update on relay_horizon from :"app";
grant select, update on relay_horizon to :"relay";
