-- The id of each entity: that of its anchor; an anchor without an id gets one, once and for ever.
-- reads: known(r, first_run, owned_id, anchor), records of all sources(r, source, node_key)
-- writes: anchors(r, entity_id)
-- grain: one row an entity
-- version: 2
select k.r, coalesce(k.owned_id, {{ minted_id }}) as entity_id
from {{ keys }} as n
join {{ known }} as k on k.r = n.r
where k.anchor = k.r
