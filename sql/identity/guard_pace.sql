-- How many identifiers of each component are tried at once: all at first.
-- reads: guard_asks_0(part, n)
-- writes: guard_pace_0(part, take)
-- grain: one row a component
-- version: 1
select k.part, count(distinct k.n) as take
from {{ asks }} as k
group by k.part
