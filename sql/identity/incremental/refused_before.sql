-- What linked nothing in the last build, with the hashes of the values; an ignored value has the type below 0.
-- reads: <entity>_refused(identifier, value, reason, records)
-- writes: refused_before(t, x, y, value, records)
-- grain: one row an identifier value and reason
-- version: 1
select case identifier {{ types }} end * case reason when 'ignore' then -1 else 1 end as t,
  {{ x }} as x, {{ y }} as y, value, records
from {{ refused }}
