-- Components of more records than an entity may have: all but the end of each have a label.
-- reads: labels(v, r)
-- writes: over(c)
-- grain: one row a component over the limit
-- version: 1
select l.r as c
from {{ labels }} as l
group by l.r
having count(*) >= {{ most }}
