-- How many nodes have the hash of another record or group (`collisions`), and how many belonged to no entity but may now
-- (`loose`).
-- reads: came(r, source, node_key), touched(node_hash, source, node_key), holders(r), near(node_hash)
-- writes: check(collisions, loose)
-- grain: one row
-- version: 1
select (
    select count(*)
    from {{ came }} as c
    join {{ touched }} as n on n.node_hash = c.r
    where n.source <> c.source or n.node_key <> c.node_key
  ) as collisions,
  (
    select count(*)
    from {{ holders }} as h
    where h.r not in (select node_hash from {{ near }}) and h.r not in (select r from {{ came }})
  ) as loose
