-- What a pass was judged on (see PassEvidence in src/domain/types.ts); null for passes stored before this migration.
alter table passes add column evidence jsonb;

-- One row for each time that stored passes were judged again and the new verdicts kept.
create table rejudgements (
  id             bigint      generated always as identity primary key,
  at             timestamptz not null default now(),
  by             text        not null,
  since_at       timestamptz not null,
  until_at       timestamptz,
  camera         text,
  config_version text        not null,
  site           jsonb       not null
);

-- What each of them said before and after; nothing is ever removed from here.
create table pass_rejudgements (
  rejudgement bigint not null references rejudgements (id),
  pass        text   not null references passes (id),
  old_body    jsonb  not null,
  old_samples jsonb,
  new_body    jsonb  not null,
  primary key (rejudgement, pass)
);
create index pass_rejudgements_by_pass on pass_rejudgements (pass, rejudgement desc);
