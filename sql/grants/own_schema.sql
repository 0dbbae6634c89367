-- The state schema: the only one that is ever written to.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
create schema if not exists {{ schema }} authorization {{ writer }}
