-- A role to give rights to.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
create role if not exists {{ role }}
