-- Event records whose every identifier was refused: nobody's.
-- reads: identifiers of events(r, x, y), refused values(x, y)
-- writes: unattached(r)
-- grain: one row an event record
-- version: 3
select i.r
from {{ identifiers }} as i
left join {{ refused }} as s on s.x = i.x and s.y = i.y
group by i.r
having count(s.x) = count(*)
