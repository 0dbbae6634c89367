-- Where the anchor of an entity is gone, its next member inherits rank and id.
-- reads: state(source, node_key, first_run, rank_hash, owned_id, entity_id), components(source, node_key)
-- writes: heirs(source, node_key, first_run, rank_hash, entity_id)
-- grain: one row an entity of the last build whose anchor is gone and that still has a member
-- version: 1
with gone as (
  select s.entity_id, s.first_run, s.rank_hash
  from {{ state }} as s
  left join {{ components }} as c on c.source = s.source and c.node_key = s.node_key
  where s.owned_id = s.entity_id and c.r is null
),
members as (
  select s.source, s.node_key, s.entity_id, row_number() over (
    partition by s.entity_id
    order by s.first_run nulls last, s.rank_hash nulls last, {{ source_order }} nulls last, {{ key_order }} nulls last
  ) as place
  from {{ state }} as s
  join {{ components }} as c on c.source = s.source and c.node_key = s.node_key
  where s.entity_id in (select entity_id from gone)
)
select m.source, m.node_key, g.first_run, g.rank_hash, m.entity_id
from members as m
join gone as g on g.entity_id = m.entity_id
where m.place = 1
