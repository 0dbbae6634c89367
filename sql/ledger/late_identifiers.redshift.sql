-- What late requests may have put into an audience, beside what the snapshot knows of the same rows.
-- An update, because `merge` takes no query here.
-- reads: snapshot(key, identifiers), late(key, op, identifiers)
-- writes: snapshot(identifiers)
-- grain: one row a key
-- version: 1
update {{ snapshot }} as s
set identifiers = {{ both }}
from (
  select key, {{ joined }} as identifiers
  from (
    select key, identifiers, row_number() over (partition by key order by identifiers nulls last) as place
    from ({{ late }}) as late
    where op <> 'remove' and identifiers is not null
  ) as written
  group by key
) as l
where s.key = l.key
