-- When each record was first seen, and which id it owns. A new one is of this run; an heir takes what it inherits.
-- reads: components(r, c, source, node_key), state(source, node_key, first_run, rank_hash, owned_id, entity_id),
--   heirs(source, node_key, first_run, rank_hash, entity_id)
-- writes: ranks(r, c, source, node_key, first_run, rank_hash, owned_id, former_id)
-- grain: one row a record
-- version: 1
select c.r, c.c, c.source, c.node_key,
  coalesce(h.first_run, s.first_run, {{ build_number }}) as first_run,
  coalesce(h.rank_hash, s.rank_hash, c.r) as rank_hash,
  coalesce(h.entity_id, s.owned_id) as owned_id,
  s.entity_id as former_id
from {{ components }} as c
left join {{ state }} as s on s.source = c.source and s.node_key = c.node_key
left join {{ heirs }} as h on h.source = c.source and h.node_key = c.node_key
