-- Lets the reader read the views of one schema of sources.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant select on all views in schema {{ schema }} to role {{ reader }}
