-- How many records hold the values that have moved.
-- reads: moved_values(t, x, y, change, before, counted), holders(t, x, y)
-- writes: counts(t, x, y, records)
-- grain: one row an identifier value
-- version: 1
select v.t, v.x, v.y,
  case when v.counted then coalesce(h.records, 0) else coalesce(v.before, 0) + v.change end as records
from {{ moved_values }} as v
left join (
  select t, x, y, count(*) as records
  from {{ holders }}
  group by t, x, y
) as h on h.t = v.t and h.x = v.x and h.y = v.y
