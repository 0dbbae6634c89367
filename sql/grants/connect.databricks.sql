-- Lets the user of the target name what is in the catalog.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant use catalog on catalog {{ database }} to {{ reader }}
