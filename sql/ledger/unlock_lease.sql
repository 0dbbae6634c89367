-- Frees a lease by hand, whoever holds it. The token grows, so that its holder finds its own too old.
-- reads: leases(name, token)
-- writes: leases(token, expires_at)
-- grain: one row a lease
-- version: 1
update {{ leases }}
set token = token + 1, expires_at = {{ clock }}
where name = {{ name }}
