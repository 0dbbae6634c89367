-- Lets the reader make temporary tables for plans and previews.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant temporary on database {{ database }} to role {{ reader }}
