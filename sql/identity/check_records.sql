-- Whether each record has a hash of its own. A record without a key has none.
-- reads: records of all sources(r)
-- writes: check(nodes, hashes, keyless)
-- grain: one row
-- version: 2
select count(*) as nodes, count(distinct r) as hashes, count(*) - count(r) as keyless
from {{ records }} as n
