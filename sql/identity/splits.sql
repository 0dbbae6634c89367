-- Entities that lost records to another and still are.
-- reads: moves(from_id, into_id, alive), <entity>_splits of the last build
-- writes: <entity>_splits(from_id, into_id, run_id, split_at)
-- grain: one row an entity that lost records, a run and an entity that took them
-- version: 1
{{ before }}
select m.from_id, m.into_id, {{ run_id }} as run_id, {{ as_of }} as split_at
from {{ moves }} as m
where m.alive
