-- The same for views that are made there later.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant select on future views in schema {{ schema }} to role {{ reader }}
