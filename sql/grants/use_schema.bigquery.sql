-- Lets the user of the target see what one dataset of sources holds.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant `roles/bigquery.metadataViewer` on schema {{ schema }} to {{ reader }}
