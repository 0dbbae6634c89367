-- Entities of the last build that may fall apart: a node of theirs is changed, gone or lost a row, or a value of theirs
-- links no more.
-- reads: near(node_hash, entity_hash), unlinked(r), gone_rows(r), holders(r, t, x, y), over(t, x, y)
-- writes: broken(entity_hash)
-- grain: one row an entity
-- version: 1
select distinct entity_hash
from {{ near }}
where node_hash in (
  select r from {{ unlinked }}
  union all
  select r from {{ gone_rows }} where r is not null
  union all
  select h.r from {{ holders }} as h join {{ over }} as o on o.t = h.t and o.x = h.x and o.y = h.y
)
