-- Nodes that are new or have changed. A group of events that the state knows is as it was, unless it was nobody's and
-- may belong to an entity now.
-- reads: records and groups that were read(r, source, node_key, content_hash), old_links(r, t), loose(r)
-- writes: came(r, source, node_key, content_hash)
-- grain: one row a node
-- version: 1
select r, source, node_key, content_hash
from {{ records }} as records
union all
select r, source, node_key, content_hash
from {{ groups }} as events
where r not in (select r from {{ old_links }} where t > 0) or r in (select r from {{ loose }})
