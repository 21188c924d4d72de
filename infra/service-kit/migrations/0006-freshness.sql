-- What the relays of followed services said last: everything they committed up to `at` lies below these offsets of their topic
-- ([{partition, next_offset}]). Kept until this service has applied so much.
create table watermark (
  source  text  not null,
  at      text  not null,                        -- UTC, six fraction digits, by the source's clock
  offsets jsonb not null,
  constraint watermark_pkey primary key (source, at)
);
grant delete on watermark to :"app";

-- Up to when everything a followed service committed is known here: the newest watermark that was reached.
create table source_freshness (
  source text primary key,
  as_of  text not null
);
