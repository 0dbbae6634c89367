-- Records that are new, changed or gone: where the hashes of the source and of the state are not the same. `was`: the
-- state has it; `stands`: the source has it. A record that neither has is one without a key.
-- reads: seen(k, c), <entity>_nodes(source, node_hash, content_hash)
-- writes: found(k, c, r, was, stands)
-- grain: one row a record that is not as it was
-- version: 1
select coalesce(s.k, n.node_hash) as k, coalesce(s.c, n.content_hash) as c, n.node_hash as r,
  n.node_hash is not null as was, s.k is not null as stands
from {{ seen }} as s
full outer join (
  select node_hash, content_hash
  from {{ nodes }}
  where source = {{ source }}
) as n on n.node_hash = s.k
where s.k is null or n.node_hash is null or n.content_hash <> s.c
