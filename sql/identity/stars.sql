-- One star for each identifier that several records hold: its least record is the centre. `records` is compared
-- with max_records; y is a second hash of the same value, so two different ones show when x is the same.
-- reads: identifiers(r, t, x, y)
-- writes: stars(x, t, low, high, records, y_low, y_high)
-- grain: one row an identifier value that two records or more hold
-- version: 1
select x, min(t) as t, min(r) as low, max(r) as high, count(*) as records, min(y) as y_low, max(y) as y_high
from {{ identifiers }}
group by x
having count(*) > 1
