-- The ranges of a plan that the destination answered for, merged: as few as there are gaps between them.
-- reads: acks(sync, run_id, lo, hi, reason)
-- writes: nothing
-- grain: one row a range without a gap
-- version: 1
select min(lo) as lo, max(hi) as hi
from (
  select lo, hi, sum(opens) over (order by lo nulls last, hi nulls last rows between unbounded preceding and current row) as island
  from (
    select
      lo,
      hi,
      case
        when lo <= 1 + max(hi) over (order by lo nulls last, hi nulls last rows between unbounded preceding and 1 preceding) then 0
        else 1
      end as opens
    from {{ acks }}
    where sync = {{ sync }} and run_id = {{ run_id }} and reason is null
  ) as marked
) as numbered
group by island
