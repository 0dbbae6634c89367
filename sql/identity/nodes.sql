-- What the next build must know of this one: when a record was first seen, the id it owns and the entity it is in.
-- reads: members(source, node_key, first_run, rank_hash, owned_id, entity_id)
-- writes: <entity>_nodes(source, node_key, first_run, rank_hash, owned_id, entity_id)
-- grain: one row a record; rows of an event source with the same identifiers are one
-- version: 1
select source, node_key, first_run, rank_hash, owned_id, entity_id
from {{ members }}
