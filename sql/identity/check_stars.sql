-- How many identifier values are held by more than max_records records.
-- reads: stars(t, records)
-- writes: check(refused)
-- grain: one row
-- version: 1
select count(*) as refused
from {{ stars }} as s
where s.records > {{ max_records }}
