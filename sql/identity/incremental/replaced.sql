-- Entities of the last build whose records are all told anew: those that may fall apart, or ended in another.
-- reads: touched(entity_id, whole), moved_entities(from_id)
-- writes: replaced(entity_id)
-- grain: one row an entity
-- version: 1
select entity_id
from {{ touched }}
where whole
union
select from_id as entity_id
from {{ moved_entities }}
