-- The values whose holders are not the same, by how many there are more or fewer. `counted`: the holders must be looked
-- at, because the value links, or does so from now on.
-- reads: came_links(r, t, x, y), old_links(r, t, x, y), unlinked(r), gone_rows(row_hash),
--   refused_before(t, x, y, records)
-- writes: moved_values(t, x, y, change, before, counted)
-- grain: one row an identifier value
-- version: 1
select s.t, s.x, s.y, s.change, b.records as before,
  s.t > 0 and (b.records is null or b.records + s.change <= {{ max_records }}) as counted
from (
  select t, x, y, sum(n) as change
  from (
    select t, x, y, 1 as n from {{ came_links }}
    union all
    select t, x, y, -1 as n from {{ old_links }}
    where r in (select r from {{ unlinked }})
      or t < 0 and r in (select row_hash from {{ gone_rows }})
  ) as one
  group by t, x, y
) as s
left join {{ refused_before }} as b on b.t = s.t and b.x = s.x and b.y = s.y
