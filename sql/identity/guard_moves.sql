-- What the tried identifiers join within all limits is joined whole: no identifier that comes later can change it. Where
-- they join too much, only identifiers are let in that come first for each cluster that they ask: none comes before.
-- reads: labels of clusters(v, r), guard_asks(n, c), guard_refused(n), guard_holds(c, t, w, weight)
-- writes: guard_moves(v, r, whole)
-- grain: one row a cluster that becomes part of another
-- version: 1
with over_limit as (
  select distinct g
  from (
    select g, t
    from (
      select coalesce(l.r, h.c) as g, h.t, h.w, max(h.weight) as weight
      from {{ holds }} as h
      left join {{ labels }} as l on l.v = h.c
      group by coalesce(l.r, h.c), h.t, h.w
    ) as united
    group by g, t
    having sum(weight) > {{ most }}
  ) as broken
),
joined as (
  select l.v, l.r
  from {{ labels }} as l
  where l.r not in (select g from over_limit)
),
asking as (
  select n, c, min(n) over (partition by c) as first_n
  from {{ asks }}
  where n not in (select n from {{ refused }})
),
agreed as (
  select n, min(c) as low
  from asking
  group by n
  having min(first_n) = n
)
select v, r, 1 as whole
from joined
union all
select k.c as v, a.low as r, 0 as whole
from agreed as a
join asking as k on k.n = a.n
where k.c <> a.low
  and k.c not in (select v from joined) and a.low not in (select v from joined)
  and k.c not in (select r from joined) and a.low not in (select r from joined)
