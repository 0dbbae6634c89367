-- A role to give rights to; nobody logs in as it.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
create role {{ role }} nologin
