-- Identifier values that link nothing: held by more than max_records records, or ignored by a rule.
-- reads: stars(t, x, low, records), records of each source(r, id_1 .., ignored_1 ..)
-- writes: <entity>_refused(identifier, value_hash, value, reason, records)
-- grain: one row an identifier value and reason
-- version: 1
select identifier, {{ value_hash }} as value_hash, value, reason, {{ records }} as records
from (
  {{ found }}
) as refused
group by identifier, value, reason
