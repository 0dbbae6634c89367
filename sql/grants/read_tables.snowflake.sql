-- Lets the reader read the tables of one schema of sources.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant select on all tables in schema {{ schema }} to role {{ reader }}
