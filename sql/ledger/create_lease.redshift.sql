-- Makes the row of a lease that was never taken, already run out. Two runs may do it at once: where nothing keeps names
-- unique two rows may result, of which the one with the higher token counts.
-- reads: leases(name)
-- writes: leases(name, run_id, token, expires_at)
-- grain: one row a lease
-- version: 2
insert into {{ leases }} (name, run_id, token, expires_at)
select n.name, '', 0, {{ clock }}
from (select {{ name }} as name) as n
where n.name not in (select l.name from {{ leases }} as l)
