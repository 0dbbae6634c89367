-- Identifier values that link nothing: held by more than max_records records, or ignored by a rule.
-- reads: stars(t, x, y, low, records), the values of their least records, records of each source(ignored_1 ..)
-- writes: <entity>_refused(identifier, value_hash, value, reason, records)
-- grain: one row an identifier value and reason
-- version: 2
select identifier, {{ value_hash }} as value_hash, value, reason, {{ records }} as records
from {{ found }} as refused
group by identifier, value, reason
