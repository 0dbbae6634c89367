-- Lets the user of the target make tables in the state dataset, write to them, and keep the rights on them.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant `roles/bigquery.dataOwner` on schema {{ schema }} to {{ writer }}
