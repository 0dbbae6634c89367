-- New events, and those of entities whose records are told anew, with their nodes.
-- reads: new rows(source, record_id, r), touched_rows with their hash(source, record_id, row_hash),
--   <entity>_node_rows(row_hash, content_hash, node_hash), gone_rows(row_hash, content_hash)
-- writes: event_rows(source, record_id, r)
-- grain: one row an event
-- version: 1
select source, record_id, r
from {{ came_rows }} as c
where record_id is not null and r is not null
union all
select i.source, i.record_id, e.node_hash as r
from {{ touched_rows }} as i
join {{ rows }} as e on e.row_hash = i.row_hash
where e.node_hash is not null
  and not exists (
    select 1 from {{ gone_rows }} as g where g.row_hash = e.row_hash and g.content_hash = e.content_hash
  )
