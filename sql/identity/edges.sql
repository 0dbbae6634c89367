-- Identifiers disappear: what each of them joins becomes edges between records, each stored once as (higher, lower).
-- A value of more than max_records records joins nothing. Two records need no look back at the identifiers.
-- reads: stars(x, y, t, low, high, records), identifiers(r, x, y)
-- writes: edges_0(u, w)
-- grain: one row a pair of records that are joined, the higher first
-- version: 2
select distinct u, w
from (
  select s.high as u, s.low as w
  from {{ stars }} as s
  where s.records = 2 and s.records <= {{ max_records }}
  union all
  select i.r as u, s.low as w
  from {{ identifiers }} as i
  join {{ stars }} as s on s.x = i.x and s.y = i.y
  where s.records > 2 and s.records <= {{ max_records }} and i.r <> s.low
) as joined
