-- Forgets what the destination acknowledged but keeps the keys, so that every row is sent again.
-- reads: snapshot(hash)
-- writes: snapshot(hash)
-- grain: one row a key
-- version: 1
update {{ snapshot }}
set hash = null
where hash is not null
