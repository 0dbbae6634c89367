-- The writer reads what the reader reads.
-- reads: nothing
-- writes: nothing
-- grain: no rows
-- version: 1
grant role {{ reader }} to role {{ writer }}
