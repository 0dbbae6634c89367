-- How many nodes share a hash with another one: new ones among each other, or with one that the state has.
-- reads: came(r), unlinked(r), old_links(r, t, x, y), groups that were read(r, t, x, y)
-- writes: check(collisions)
-- grain: one row
-- version: 1
select
  (select count(*) - count(distinct r) from {{ came }})
  + (
    select count(*) from {{ came }}
    where r in (select r from {{ old_links }} where t > 0) and r not in (select r from {{ unlinked }})
  )
  + (
    select count(*)
    from (select r, t, x, y from {{ group_links }} as held where r not in (select r from {{ came }})) as g
    full outer join (
      select r, t, x, y from {{ old_links }}
      where t > 0 and r in (select r from {{ group_links }} as held where r not in (select r from {{ came }}))
    ) as o on o.r = g.r and o.t = g.t and o.x = g.x and o.y = g.y
    where g.r is null or o.r is null
  ) as collisions
