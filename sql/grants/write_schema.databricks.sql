-- Lets the user of the target make tables in the state schema, and write to them.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant use schema, create table, select, modify on schema {{ schema }} to {{ writer }}
