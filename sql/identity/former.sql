-- What the last build knew of the records that still are.
-- reads: records of all sources(r, h, h_second),
--   <entity>_nodes of the last build(source, node_key, first_run, rank_hash, owned_id, entity_id)
-- writes: former(r, first_run, rank_hash, owned_id, entity_id)
-- grain: one row a record that the last build knew
-- version: 1
select n.r, s.first_run, s.rank_hash, s.owned_id, s.entity_id
from {{ records }} as n
join (
  select {{ hash }} as h, {{ second_hash }} as h_second, first_run, rank_hash, owned_id, entity_id
  from {{ state }}
) as s on s.h = n.h and s.h_second = n.h_second
