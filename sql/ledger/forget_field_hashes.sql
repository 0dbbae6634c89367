-- Forgets what each field was when it was sent last: the hashes are of other fields than those that are sent now.
-- reads: snapshot(field_hashes)
-- writes: snapshot(field_hashes)
-- grain: one row a key
-- version: 1
update {{ snapshot }}
set field_hashes = null
where field_hashes is not null
