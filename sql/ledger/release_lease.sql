-- Frees a lease of ours. The token grows, so that a write of ours that is still on its way is refused.
-- reads: leases(name, token)
-- writes: leases(token, expires_at)
-- grain: one row a lease
-- version: 1
update {{ leases }}
set token = token + 1, expires_at = {{ clock }}
where name = {{ name }} and token = {{ token }}
