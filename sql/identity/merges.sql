-- Entities that ended in another: who holds the old id finds the new one here.
-- reads: moves(from_id, into_id, alive), <entity>_merges of the last build
-- writes: <entity>_merges(from_id, into_id, run_id, merged_at)
-- grain: one row an entity that ended, a run and an entity that took records of it
-- version: 1
{{ before }}
select m.from_id, m.into_id, {{ run_id }} as run_id, {{ as_of }} as merged_at
from {{ moves }} as m
where not m.alive
