-- One star for each identifier value of one type that several records hold: its least record is the centre. Two hashes
-- stand for the value, so that two different values never are one. `records` is compared with max_records.
-- reads: identifiers of one type(r, x, y)
-- writes: stars(x, y, t, low, high, records)
-- grain: one row an identifier value that two records or more hold
-- version: 2
select x, y, {{ type }} as t, min(r) as low, max(r) as high, count(*) as records
from {{ identifiers }} as i
group by x, y
having count(*) > 1
