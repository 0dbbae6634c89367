-- Lets the reader into the database, with temporary tables for plans and previews.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant connect, temporary on database {{ database }} to {{ reader }}
