-- What the next build must know of this one: when a record was first seen, the id it owns and the entity it is in.
-- reads: known(r, c, source, node_key, first_run, rank_hash, owned_id),
--   heirs(r, first_run, rank_hash, entity_id), anchors(c, r, entity_id)
-- writes: <entity>_nodes(source, node_key, first_run, rank_hash, owned_id, entity_id)
-- grain: one row a record; rows of an event source with the same identifiers are one
-- version: 1
select k.source, k.node_key,
  coalesce(h.first_run, k.first_run) as first_run,
  coalesce(h.rank_hash, k.rank_hash) as rank_hash,
  case when a.r = k.r then a.entity_id else coalesce(h.entity_id, k.owned_id) end as owned_id,
  a.entity_id
from {{ known }} as k
join {{ anchors }} as a on a.c = k.c
left join {{ heirs }} as h on h.r = k.r
