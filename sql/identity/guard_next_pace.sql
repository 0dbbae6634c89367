-- How many identifiers are tried at once: twice as many where the last ones were joined whole, else half as
-- many.
-- reads: guard_asks(part, n, c) before and after, guard_pace(part, take), guard_moves(v, whole)
-- writes: guard_pace(part, take)
-- grain: one row a component
-- version: 1
select a.part, case when a.part in (
    select k.part
    from {{ asks }} as k
    join {{ moves }} as m on m.v = k.c
    where m.whole = 1
  ) and p.take < a.left_over then {{ more }} else {{ fewer }} end as take
from (
  select part, count(distinct n) as left_over
  from {{ next_asks }}
  group by part
) as a
join {{ pace }} as p on p.part = a.part
