-- Lets it read the tables and views of one schema of sources, also those that are made there later.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant select on schema {{ schema }} to {{ reader }}
