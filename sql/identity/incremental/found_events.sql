-- Events that are new or gone; one that changed is both. `was`: the state has it; `stands`: the source has it.
-- reads: seen(k, c), <entity>_node_rows(source, row_hash, content_hash, node_hash)
-- writes: found(k, c, r, was, stands)
-- grain: one row an event that is not as it was
-- version: 1
select coalesce(s.k, e.row_hash) as k, coalesce(s.c, e.content_hash) as c, e.node_hash as r,
  e.row_hash is not null as was, s.k is not null as stands
from {{ seen }} as s
full outer join (
  select row_hash, content_hash, node_hash
  from {{ rows }}
  where source = {{ source }}
) as e on e.row_hash = s.k and e.content_hash = s.c
where s.k is null or e.row_hash is null
