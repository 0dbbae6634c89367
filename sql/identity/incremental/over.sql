-- The values that more than max_records records hold now.
-- reads: counts(t, x, y, records), refused_before(t, x, y)
-- writes: over(t, x, y)
-- grain: one row an identifier value
-- version: 1
select s.t, s.x, s.y
from {{ counts }} as s
where s.t > 0 and s.records > {{ max_records }}
union all
select b.t, b.x, b.y
from {{ refused_before }} as b
where b.t > 0
  and not exists (select 1 from {{ counts }} as c where c.t = b.t and c.x = b.x and c.y = b.y)
