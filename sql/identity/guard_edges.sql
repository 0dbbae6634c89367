-- The first identifiers of each component, as many as are tried at once, become edges between clusters.
-- reads: guard_asks(part, n, c), guard_refused(n), guard_pace(part, take)
-- writes: guard_edges(u, w)
-- grain: one row a pair of clusters that are joined, the higher first
-- version: 1
with asking as (
  select k.part, k.n, k.c, dense_rank() over (partition by k.part order by k.n nulls last) as place
  from {{ asks }} as k
  where k.n not in (select n from {{ refused }})
),
tried as (
  select a.n, a.c
  from asking as a
  join {{ pace }} as p on p.part = a.part
  where a.place <= p.take
),
lows as (
  select n, min(c) as low
  from tried
  group by n
)
select distinct a.c as u, b.low as w
from tried as a
join lows as b on b.n = a.n
where a.c <> b.low
