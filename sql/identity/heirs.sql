-- Where the anchor of an entity is gone, its next member inherits rank and id.
-- reads: <entity>_nodes of the last build(first_run, rank_hash, owned_id, entity_id),
--   former(r, first_run, rank_hash, owned_id, entity_id)
-- writes: heirs(r, first_run, rank_hash, entity_id)
-- grain: one row an entity of the last build whose anchor is gone and that still has a member
-- version: 2
with gone as (
  select s.entity_id, s.first_run, s.rank_hash
  from {{ state }} as s
  left join {{ former }} as k on k.owned_id = s.owned_id and k.entity_id = s.entity_id
  where s.owned_id = s.entity_id and k.r is null
),
members as (
  select k.r, k.entity_id, row_number() over (
    partition by k.entity_id
    order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  ) as place
  from {{ former }} as k
  where k.entity_id in (select entity_id from gone)
)
select m.r, g.first_run, g.rank_hash, g.entity_id
from members as m
join gone as g on g.entity_id = m.entity_id
where m.place = 1
