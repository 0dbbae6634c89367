-- The anchor of each component is its member of the earliest run. Its id is the entity's; one without an id gets one,
-- once and for ever.
-- reads: known(r, c, source, node_key, first_run, rank_hash, owned_id),
--   heirs(r, first_run, rank_hash, entity_id)
-- writes: anchors(c, r, entity_id)
-- grain: one row an entity
-- version: 1
select a.c, a.r, coalesce(h.entity_id, k.owned_id, {{ minted_id }}) as entity_id
from (
  select m.c, m.r, row_number() over (
    partition by m.c
    order by m.first_run nulls last, m.rank_hash nulls last, m.r nulls last
  ) as place
  from (
    select k.c, k.r, coalesce(h.first_run, k.first_run) as first_run, coalesce(h.rank_hash, k.rank_hash) as rank_hash
    from {{ known }} as k
    left join {{ heirs }} as h on h.r = k.r
  ) as m
) as a
join {{ known }} as k on k.r = a.r
left join {{ heirs }} as h on h.r = a.r
where a.place = 1
