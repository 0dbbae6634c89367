-- Lets the reader see what one schema of sources holds.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant usage on schema {{ schema }} to role {{ reader }}
