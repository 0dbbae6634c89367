-- Makes the row of a lease that was never taken, already run out. Two runs may do it at once: where nothing keeps names
-- unique two rows may result, of which the one with the higher token counts.
-- reads: leases(name)
-- writes: leases(name, run_id, token, expires_at)
-- grain: one row a lease
-- version: 2
merge into {{ leases }} as l
using (select {{ name }} as name) as n
on l.name = n.name
when not matched then
  insert (name, run_id, token, expires_at)
  values (n.name, '', 0, {{ clock }})
