-- Values that the last build refused, among those that have moved.
-- reads: refused_before(t, x, y, value), counts(t, x, y)
-- writes: refused_out(identifier, value, reason)
-- grain: one row an identifier value and reason
-- version: 1
select case abs(b.t) {{ types }} end as identifier, b.value,
  case when b.t < 0 then 'ignore' else 'max_records' end as reason
from {{ refused_before }} as b
where exists (select 1 from {{ counts }} as c where c.t = b.t and c.x = b.x and c.y = b.y)
