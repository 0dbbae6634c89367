-- The records of the touched entities in the last build.
-- reads: <entity>_identity, touched_entities(entity_id, was)
-- writes: touched_rows(source, record_id)
-- grain: one row a record
-- version: 1
select source, record_id
from {{ identity }}
where {{ entity_id }} in (select entity_id from {{ touched_entities }} where was)
