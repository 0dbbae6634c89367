-- What the tried identifiers join within all limits is joined: no identifier that comes later can change it. Where they
-- join too much, fewer are tried the next time.
-- reads: labels of clusters(v, r), guard_holds(c, t, w, weight)
-- writes: guard_moves(v, r)
-- grain: one row a cluster that becomes part of another
-- version: 1
with over_limit as (
  select g
  from (
    select coalesce(l.r, h.c) as g, h.t, h.w, max(h.weight) as weight
    from {{ holds }} as h
    left join {{ labels }} as l on l.v = h.c
    group by coalesce(l.r, h.c), h.t, h.w
  ) as united
  group by g, t
  having sum(weight) > {{ most }}
)
select l.v, l.r
from {{ labels }} as l
where l.r not in (select g from over_limit)
