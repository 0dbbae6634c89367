-- There is no build yet whose ids could be kept.
-- reads: nodes(source, node_key, r)
-- writes: state(source, node_key, first_run, rank_hash, owned_id, entity_id)
-- grain: no rows
-- version: 1
select source, node_key, {{ build_number }} as first_run, r as rank_hash, node_key as owned_id, node_key as entity_id
from {{ nodes }}
where 1 = 0
