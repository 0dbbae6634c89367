-- Every lease that was ever taken, and whether it has run out by the warehouse's clock.
-- reads: leases(name, run_id, token, expires_at)
-- writes: nothing
-- grain: one row a lease
-- version: 1
select name, run_id, token, expires_at, expires_at <= {{ clock }} as expired
from {{ leases }}
where name > {{ after }}
order by name nulls last
limit {{ limit }}
