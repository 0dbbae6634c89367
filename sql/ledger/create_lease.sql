-- Makes the row of a lease that was never taken, already run out. Two runs may do it at once: one row results.
-- reads: nothing
-- writes: leases(name, run_id, token, expires_at)
-- grain: one row a lease
-- version: 1
insert into {{ leases }} (name, run_id, token, expires_at)
values ({{ name }}, '', 0, {{ clock }})
on conflict (name) do nothing
