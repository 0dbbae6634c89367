-- What became of each row of a plan, for the statements of the commit.
-- `applied`: the destination took it. `rejected`: it did not. `dirty`: it may have taken it (the row's batch was
-- started and never answered, or an attempt before the rejection was ambiguous). `unsent`: it never saw it.
-- `gone` and `back`: not sent; the row left the model and stays, or came back as it was. `kept`: nothing changes.
-- BigQuery joins outwards by equality only, so that rows find their range first.
-- One that another sync wants is gone too: else two syncs that both let go of a key would wait for each other for ever.
-- reads: plan(seq, batch, op, reason, key, entity_id, hash), acks(sync, run_id, lo, reason, attempts, ambiguous),
-- answered(lo, hi), starts(sync, run_id, batch)
-- writes: nothing
-- grain: one row a row of the plan that is not held
-- version: 1
select
  p.op, p.key{{ parts }}, p.entity_id, p.hash, p.seq,
  r.reason, r.attempts as requests,
  case
    when r.seq is not null then 'rejected'
    when a.lo is not null then 'applied'
    when p.seq is not null then 'unanswered'
    else 'unsent'
  end as answer,
  case
    when p.op = 'left' and (p.reason is null or p.reason = 'wanted_by') then 'gone'
    when p.op = 'back' then 'back'
    when p.seq is null then 'kept'
    when r.ambiguous = 1 then 'dirty'
    when r.seq is not null then 'kept'
    when a.lo is not null then 'applied'
    when s.batch is not null then 'dirty'
    else 'kept'
  end as fate
from {{ plan }} as p
left join (
  select lo as seq, max(reason) as reason, max(attempts) as attempts, max(case when ambiguous then 1 else 0 end) as ambiguous
  from {{ acks }}
  where sync = {{ sync }} and run_id = {{ run_id }} and reason is not null
  group by lo
) as r on r.seq = p.seq
left join (
  select w.seq, max(answered.lo) as lo
  from {{ plan }} as w
  join ({{ answered }}) as answered on w.seq between answered.lo and answered.hi
  group by w.seq
) as a on a.seq = p.seq
left join (
  select distinct batch
  from {{ starts }}
  where sync = {{ sync }} and run_id = {{ run_id }}
) as s on s.batch = p.batch
where p.op <> 'held'
