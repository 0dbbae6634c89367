-- How many nodes or entities share a hash with another one.
-- reads: came(r, source, node_key), touched(node_hash, entity_hash, source, node_key, is_anchor), near(node_hash),
--   unlinked(r)
-- writes: check(collisions)
-- grain: one row
-- version: 1
select
  (
    select count(*)
    from {{ came }}
    where r in (select node_hash from {{ near }}) and r not in (select r from {{ unlinked }})
  )
  + (
    select count(*)
    from {{ came }} as c
    join {{ touched }} as n on n.node_hash = c.r
    where n.source <> c.source or n.node_key <> c.node_key
  )
  + (select count(*) - count(distinct entity_hash) from {{ touched }} where is_anchor) as collisions
