-- Nodes that are no more: records that are gone, and groups of events without a row.
-- reads: gone records(r), gone_rows(row_hash, content_hash, r), groups of events that were read(r),
--   <entity>_node_rows(row_hash, content_hash, node_hash)
-- writes: left(r)
-- grain: one row a node
-- version: 1
select r from {{ gone_records }} as records
union all
select g.r
from (select distinct r from {{ gone_rows }} where r is not null) as g
where g.r not in (select r from {{ groups }} as came)
  and g.r not in (
    select e.node_hash
    from {{ rows }} as e
    where e.node_hash in (select r from {{ gone_rows }} where r is not null)
      and not exists (
        select 1 from {{ gone_rows }} as x
        where x.row_hash = e.row_hash and x.content_hash = e.content_hash
      )
  )
