-- Counts a snapshot, and sums the hashes of its rows: equal for equal rows, whatever their order. `oldest` is when the
-- first of those that did not leave was sent; `long_ago` where that is not known.
-- reads: snapshot(key, hash, gone, sent_at)
-- writes: nothing
-- grain: one row in all
-- version: 2
select
  count(*) as row_count,
  count(case when gone then 1 end) as gone_count,
  count(case when hash is null and not gone then 1 end) as dirty_count,
  min(case when not gone then coalesce(sent_at, {{ long_ago }}) end) as oldest,
  {{ hash_sum }} as hash_sum
from {{ snapshot }}
