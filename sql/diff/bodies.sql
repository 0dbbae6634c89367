-- The changes of a few pieces of a plan as JSON, as they are sent. Some rows at a time, because texts as long as a
-- whole batch cost more to build and to read than all else.
-- reads: plan(seq, op, key, parts, fields)
-- writes: nothing; gives (piece, part, items, body)
-- grain: one row a part of a piece
-- version: 2
select w.piece, w.part, count(*) as items, {{ changes }} as body
from (
  select p.*, case
{{ pieces }}
    end as piece,
    p.seq - mod(p.seq, {{ rows }}) as part
  from {{ plan }} as p
  where p.seq between {{ first }} and {{ last }}
) as w
where w.piece is not null
group by w.piece, w.part
