-- Lets the writer make tables and views in the state schema. Temporary tables need no right.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant usage, create table, create view on schema {{ schema }} to role {{ writer }}
