-- The same for tables that are made there later.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant select on future tables in schema {{ schema }} to role {{ reader }}
