-- Lets the reader see the database.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant usage on database {{ database }} to role {{ reader }}
