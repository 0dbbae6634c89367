-- Lets the user of the target see what one schema of sources holds.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant use schema on schema {{ schema }} to {{ reader }}
