-- The state schema: the only one that is ever written to. It belongs to whoever runs this.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
create schema if not exists {{ schema }}
