-- Each record with its entity.
-- reads: ranks(r, c, source, node_key, first_run, rank_hash, owned_id, former_id), anchors(c, source, node_key, entity_id)
-- writes: members(r, source, node_key, first_run, rank_hash, owned_id, former_id, entity_id)
-- grain: one row a record
-- version: 1
select k.r, k.source, k.node_key, k.first_run, k.rank_hash,
  case when a.source = k.source and a.node_key = k.node_key then a.entity_id else k.owned_id end as owned_id,
  k.former_id, a.entity_id
from {{ ranks }} as k
join {{ anchors }} as a on a.c = k.c
