-- What is to be taken out of an audience: identifiers that it may have of those who leave or change, and that nobody who
-- stays has, in this sync or another of the same audience. Who changes has what it has now, and who is kept as it is, or
-- waits, what was sent.
-- reads: decided(op, reason, key, identifiers), snapshot(key, gone, identifiers), the same of siblings
-- writes: leaving(key, leaving)
-- grain: one row a key of decided with something to take out
-- version: 1
with sent as (
  select o.key, {{ sent_piece }} as token
  from (
    select d.key, s.identifiers
    from {{ decided }} as d
    join {{ snapshot }} as s on s.key = d.key
    where d.op in ('remove', 'change')
  ) as o
  {{ sent_pieces }}
),
stays as (
  select identifiers
  from {{ decided }}
  where op in ('add', 'change', 'back') or (op = 'held' and reason <> 'consent')
  union all
  select s.identifiers
  from {{ snapshot }} as s
  left join (
    select distinct key from {{ decided }} where op in ('remove', 'change') or (op = 'left' and reason is null)
  ) as d on d.key = s.key
  where not s.gone and d.key is null{{ siblings }}
),
carried as (
  select distinct {{ stays_piece }} as token
  from stays as o
  {{ stays_pieces }}
),
gone as (
  select distinct sent.key, sent.token
  from sent
  left join carried on carried.token = sent.token
  where carried.token is null
),
placed as (
  select key, token, row_number() over (partition by key order by {{ token }} nulls last) as place
  from gone
)
select key, {{ joined }} as leaving
from placed
group by key
