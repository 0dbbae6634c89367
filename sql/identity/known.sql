-- When each record was first seen, which id it owns and which entity it was in. A new one is of this run.
-- reads: components(r, c), nodes(r, source, node_key),
--   state(source, node_key, first_run, rank_hash, owned_id, entity_id)
-- writes: known(r, c, source, node_key, first_run, rank_hash, owned_id, former_id)
-- grain: one row a record
-- version: 1
select c.r, c.c, n.source, n.node_key,
  coalesce(s.first_run, {{ build_number }}) as first_run,
  coalesce(s.rank_hash, c.r) as rank_hash,
  s.owned_id,
  s.entity_id as former_id
from {{ components }} as c
join {{ nodes }} as n on n.r = c.r
left join {{ state }} as s on s.source = n.source and s.node_key = n.node_key
