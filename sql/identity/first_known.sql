-- The same as `known` on a first build, when the rounds kept one order: all records are of this run, so the anchor of a
-- component is its least record, which the rounds have found.
-- reads: records of all sources(r), labels(v, r)
-- writes: known(r, first_run, rank_hash, owned_id, former_id, anchor)
-- grain: one row a record
-- version: 1
select n.r, {{ first_run }} as first_run, n.r as rank_hash, {{ none }} as owned_id, {{ none }} as former_id,
  coalesce(l.r, n.r) as anchor
from {{ records }} as n
left join {{ labels }} as l on l.v = n.r
