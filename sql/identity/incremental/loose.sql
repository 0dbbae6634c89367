-- Events that were nobody's, and hold a value that links again.
-- reads: holders(r), near(node_hash), came(r)
-- writes: loose(r)
-- grain: one row a node
-- version: 1
select distinct h.r
from {{ holders }} as h
where h.r not in (select node_hash from {{ near }}) and h.r not in (select r from {{ came }})
