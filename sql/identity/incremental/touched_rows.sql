-- The records of the entities whose records are told anew, as the last build had them.
-- reads: <entity>_identity, replaced(entity_id)
-- writes: touched_rows(source, record_id)
-- grain: one row a record
-- version: 1
select source, record_id
from {{ identity }}
where {{ entity_id }} in (select entity_id from {{ replaced }})
