-- Counts a snapshot, and sums the hashes of its rows: equal for equal rows, whatever their order.
-- reads: snapshot(key, hash, gone)
-- writes: nothing
-- grain: one row in all
-- version: 1
select
  count(*) as row_count,
  count(case when gone then 1 end) as gone_count,
  count(case when hash is null and not gone then 1 end) as dirty_count,
  {{ hash_sum }} as hash_sum
from {{ snapshot }}
