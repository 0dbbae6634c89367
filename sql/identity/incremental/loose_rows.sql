-- The rows of events that were nobody's are looked at again: as if they had gone and come.
-- reads: <entity>_node_rows(source, row_hash, content_hash, node_hash), loose(r)
-- writes: rows for found(k, c, r, was, stands)
-- grain: one row an event and direction
-- version: 1
select e.row_hash as k, e.content_hash as c, e.node_hash as r, kind.was, not kind.was as stands
from {{ rows }} as e
cross join (select true as was union all select false as was) as kind
where e.source = {{ source }} and e.node_hash in (select r from {{ loose }})
