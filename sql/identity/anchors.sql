-- The anchor of each component is its member of the earliest run. Its id is the entity's; one without an id gets one,
-- once and for ever.
-- reads: ranks(c, source, node_key, first_run, rank_hash, owned_id)
-- writes: anchors(c, source, node_key, entity_id)
-- grain: one row an entity
-- version: 1
select a.c, a.source, a.node_key, coalesce(a.owned_id, {{ minted_id }}) as entity_id
from (
  select k.c, k.source, k.node_key, k.first_run, k.owned_id, row_number() over (
    partition by k.c
    order by k.first_run nulls last, k.rank_hash nulls last, {{ source_order }} nulls last, {{ key_order }} nulls last
  ) as place
  from {{ ranks }} as k
) as a
where a.place = 1
