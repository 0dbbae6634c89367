-- Lets the reader run statements on the warehouse of the target.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant usage on warehouse {{ warehouse }} to role {{ reader }}
