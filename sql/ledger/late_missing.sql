-- Keys that may stand at the destination because a late request put them there, and that the snapshot does not have;
-- of an audience with what it may have of them.
-- reads: snapshot(key), late(key, op, identifiers)
-- writes: nothing
-- grain: one row a key, in order, after a key
-- version: 2
select l.key, {{ joined }} as identifiers
from (
  select key, op, identifiers, row_number() over (partition by key order by identifiers nulls last) as place
  from ({{ late }}) as late
) as l
left join {{ snapshot }} as s on s.key = l.key
where l.op <> 'remove' and s.key is null and l.key > {{ after }}
group by l.key
order by l.key nulls last
limit {{ most }}
