-- Event records whose every identifier is held by more than max_records records: nobody's.
-- reads: identifiers(r, x), stars(x, t, records), nodes(r, is_event)
-- writes: unattached(r)
-- grain: one row an event record
-- version: 1
select i.r
from {{ identifiers }} as i
join {{ nodes }} as n on n.r = i.r and n.is_event
left join {{ stars }} as s on s.x = i.x and s.records > {{ max_records }}
where i.r in (
  select held.r
  from {{ identifiers }} as held
  join {{ stars }} as s on s.x = held.x
  where s.records > {{ max_records }}
)
group by i.r
having count(s.x) = count(*)
