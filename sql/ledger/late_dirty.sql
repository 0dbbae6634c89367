-- Rows of the snapshot that may have been written at the destination after their run had lost the lease become dirty:
-- what the destination holds of them is not known.
-- reads: snapshot(key, hash, gone), late(sync, token, key, op)
-- writes: snapshot(hash, gone)
-- grain: one row a key
-- version: 1
update {{ snapshot }}
set hash = null, gone = gone and key not in (select key from ({{ late }}) as written where op <> 'remove')
where key in (select key from ({{ late }}) as late)
