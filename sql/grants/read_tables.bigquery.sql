-- Lets it read the tables and views of one dataset of sources, also those that are made there later.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant `roles/bigquery.dataViewer` on schema {{ schema }} to {{ reader }}
