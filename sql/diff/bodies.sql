-- The JSON arrays of changes of a few pieces of a plan, as they are sent.
-- reads: plan(seq, op, key, parts, fields), pieces(piece, lo, hi)
-- writes: nothing; gives (piece, items, body)
-- grain: one row a piece
-- version: 1
select w.piece, count(*) as items, '[' || {{ changes }} || ']' as body
from {{ plan }} as p
join (
{{ pieces }}
) as w on p.seq between w.lo and w.hi
where p.seq between {{ first }} and {{ last }}
group by w.piece
order by w.piece nulls last
