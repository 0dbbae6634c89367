-- Records that alone hold more values of one type than an entity may: nothing is joined to them.
-- reads: guard_values(r, t)
-- writes: guard_alone(r, t)
-- grain: one row a record and identifier type
-- version: 1
select i.r, i.t
from {{ values }} as i
where i.t in ({{ types }})
group by i.r, i.t
having count(*) > {{ most }}
