-- The entities that are not as they were: they won, lost or changed a record, ended, or began.
-- reads: touched(entity_id), anchors(entity_id)
-- writes: touched_entities(entity_id, was)
-- grain: one row an entity
-- version: 1
select entity_id, max(was) = 1 as was
from (
  select entity_id, 1 as was from {{ touched }}
  union all
  select entity_id, 0 as was from {{ anchors }}
) as t
group by entity_id
