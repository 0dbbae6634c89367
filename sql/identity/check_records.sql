-- Whether each record has a hash of its own.
-- reads: nodes(r, node_key)
-- writes: check(nodes, hashes, keyless)
-- grain: one row
-- version: 1
select count(*) as nodes, count(distinct r) as hashes, count(*) - count(node_key) as keyless
from {{ nodes }}
