-- The values that were refused, and every limit that each of them would break in the end.
-- reads: guard_asks_0(n, c), guard_holds_0(c, t, w, weight), guard_labels(v, r), guard_values(r, t, n, value, x, y),
--   guard_alone(r, t)
-- writes: guard_refused(t, value, x, y, reason, records)
-- grain: one row an identifier value and reason
-- version: 1
with asking as (
  select n, c
  from (
    select n, c, count(*) over (partition by n) as entities
    from (
      select distinct k.n, l.r as c
      from {{ asks }} as k
      join {{ labels }} as l on l.v = k.c
    ) as asked
  ) as counted
  where entities > 1
),
held as (
  select c, t, min(w) as w, case when t = {{ records }} then sum(weight) else 1 end as weight
  from (
    select l.r as c, h.t, h.w, h.weight, case when h.t = {{ records }} then {{ records }} else h.w end as kept
    from {{ holds }} as h
    join {{ labels }} as l on l.v = h.c
  ) as kept_apart
  where c in (select c from asking)
  group by c, t, kept
),
found as (
  select distinct n, {{ reason }} as reason
  from (
    select k.n, h.t, h.w, max(h.weight) as weight
    from asking as k
    join held as h on h.c = k.c
    group by k.n, h.t, h.w
  ) as united
  group by n, t
  having sum(weight) > {{ most }}
)
select i.t, i.value, i.x, i.y, f.reason, count(*) as records
from found as f
join {{ values }} as i on i.n = f.n
group by i.t, i.value, i.x, i.y, f.reason
union all
select i.t, i.value, i.x, i.y, {{ alone_reason }} as reason, count(*) as records
from {{ alone }} as a
join {{ values }} as i on i.r = a.r and i.t = a.t
group by i.t, i.value, i.x, i.y
