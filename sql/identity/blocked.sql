-- The records that `block` names. Rows of an event source with the same identifiers are one record: it is named once.
-- reads: the lists of the project(list, member, source, record_id), records of all sources(source, record_id, r)
-- writes: blocked(list, member, r)
-- grain: one row a list and record
-- version: 1
select b.list, min(b.member) as member, n.r
from {{ lists }} as b
join {{ records }} as n on n.source = b.source and n.record_id = b.record_id
where n.r is not null
group by b.list, n.r
