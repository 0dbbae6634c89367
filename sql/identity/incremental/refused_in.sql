-- Values that link nothing, among those that have moved.
-- reads: counts(t, x, y, records), refused_before(t, x, y, value), values of rows that were read(t, x, y, value)
-- writes: refused_in(identifier, value_hash, value, reason, records)
-- grain: one row an identifier value and reason
-- version: 1
select identifier, {{ value_hash }} as value_hash, value, reason, records
from (
  select case abs(s.t) {{ types }} end as identifier, coalesce(b.value, v.value) as value,
    case when s.t < 0 then 'ignore' else 'max_records' end as reason, {{ records }} as records
  from {{ counts }} as s
  left join {{ refused_before }} as b on b.t = s.t and b.x = s.x and b.y = s.y
  left join (
    select t, x, y, min(value) as value
    from {{ came_values }} as c
    group by t, x, y
  ) as v on v.t = s.t and v.x = s.x and v.y = s.y
  where s.t < 0 and s.records > 0 or s.t > 0 and s.records > {{ max_records }}
) as refused
