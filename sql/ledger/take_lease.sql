-- Takes a lease that has run out, or whose holder is surely dead. The token grows with every holder.
-- Only of the rows with the highest token, should one name ever have two. By the warehouse's clock, so that no two machines need agree on the time.
-- reads: leases(name, run_id, token, expires_at)
-- writes: leases(run_id, token, expires_at)
-- grain: one row a lease
-- version: 2
update {{ leases }}
set run_id = {{ run_id }}, token = token + 1, expires_at = {{ expires_at }}
where name = {{ name }} and (expires_at <= {{ clock }} or {{ holder_is_dead }})
  and token = (select max(token) from {{ leases }} where name = {{ name }})
