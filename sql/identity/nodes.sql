-- What the next build must know of this one: when a record was first seen, the id it owns and the entity it is in; the
-- hashes of all three, so that an incremental stitch reads numbers. Each record has an anchor; the joins are outer ones
-- so that engines keep the numbers in memory and read the texts once.
-- reads: known(r, first_run, rank_hash, owned_id, anchor), anchors(r, entity_id),
--   records of all sources(r, source, node_key, content_hash)
-- writes: <entity>_nodes(source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash,
--   content_hash, is_anchor)
-- grain: one row a record; rows of an event source with the same identifiers are one
-- version: 3
select n.source, n.node_key, k.first_run, k.rank_hash,
  case when k.anchor = k.r then a.entity_id else k.owned_id end as owned_id,
  a.entity_id, n.r as node_hash, {{ entity_hash }} as entity_hash, n.content_hash, k.anchor = k.r as is_anchor
from {{ keys }} as n
left join {{ known }} as k on k.r = n.r
left join {{ anchors }} as a on a.r = k.anchor
