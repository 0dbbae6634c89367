-- The same for tables that the user who runs this makes there later.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
alter default privileges in schema {{ schema }} grant select on tables to role {{ reader }}
