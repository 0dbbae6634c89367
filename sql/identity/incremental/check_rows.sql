-- How many keys of events stand more than once, each time with other identifiers.
-- reads: <entity>_node_rows(row_hash, content_hash), rows that are new(row_hash, content_hash),
--   gone_rows(row_hash, content_hash)
-- writes: check(repeated)
-- grain: one row
-- version: 1
select count(*) as repeated
from (
  select e.row_hash
  from (
    select row_hash, content_hash from {{ rows }}
    where row_hash in (select row_hash from {{ came_rows }} as c)
    union all
    select row_hash, content_hash from {{ came_rows }} as c
  ) as e
  where not exists (
    select 1 from {{ gone_rows }} as g where g.row_hash = e.row_hash and g.content_hash = e.content_hash
  )
  group by e.row_hash
  having min(e.content_hash) <> max(e.content_hash)
) as keys
