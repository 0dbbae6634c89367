-- Lets the writer make tables in the state schema.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant usage, create on schema {{ schema }} to role {{ writer }}
