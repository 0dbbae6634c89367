-- Proves of a plan what the merge at its end relies on: its rows are what was counted, what is sent is numbered from
-- 1 without a gap, and no key stands twice among all rows that are not held.
-- reads: plan(seq, op, key)
-- writes: nothing
-- grain: one row in all
-- version: 1
select
  count(case when op = 'add' then 1 end) as adds,
  count(case when op = 'change' then 1 end) as changes,
  count(case when op = 'remove' then 1 end) as removes,
  count(seq) as numbered,
  coalesce(min(seq), 0) as first_seq,
  coalesce(max(seq), 0) as last_seq,
  count(case when op <> 'held' and key is null then 1 end) as missing_keys,
  (
    select count(*)
    from (select key from {{ plan }} where op <> 'held' group by key having count(*) > 1) as repeated
  ) as repeated_keys
from {{ plan }}
