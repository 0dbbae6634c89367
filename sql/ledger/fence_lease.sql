-- Proves that a run still holds its lease, and extends it. No row: it was taken over or freed.
-- The first statement of every transaction that writes state, so that a run that lost its lease writes nothing.
-- reads: leases(name, token)
-- writes: leases(expires_at)
-- grain: one row a lease
-- version: 1
update {{ leases }}
set expires_at = {{ expires_at }}
where name = {{ name }} and token = {{ token }}
