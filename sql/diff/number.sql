-- Numbers what is sent: removes first, then clears, then adds and changes, each by key, or as a first run orders
-- them. Cuts batches by count and by bytes now, so that a resumed batch is the same; a batch never mixes the three.
-- What is beyond the limit is cut.
-- A batch spans at most half of the bytes by where its rows start, so the last row's own half still fits; a row
-- larger than half starts a batch of its own.
-- reads: decided(op, reason, phase, key, parts, entity_id, hash, fields, identifiers, leaving)
-- writes: plan(seq, batch, op, reason, key, parts, entity_id, hash, fields, identifiers, leaving)
-- grain: one row a key that is sent, left, back or held
-- version: 3
with numbered as (
  select phase, key, seq, {{ bytes }} as bytes
  from (
    select phase, key, fields{{ found }}, row_number() over (order by phase nulls last, {{ order }}) as seq
    from {{ decided }} as decided
    where phase is not null
  ) as sent
  where {{ within_limit }}
),
measured as (
  select phase, key, seq, bytes,
    coalesce(sum(bytes) over (
      partition by phase order by seq nulls last rows between unbounded preceding and 1 preceding), 0) as earlier
  from numbered
),
weighed as (
  select phase, key, seq, earlier - mod(earlier, {{ half }}) as stretch,
    sum(case when bytes > {{ half }} then 1 else 0 end) over (
      partition by phase order by seq nulls last rows between unbounded preceding and current row) as large
  from measured
),
placed as (
  select phase, key, seq, stretch, large,
    row_number() over (partition by phase, stretch, large order by seq nulls last) - 1 as place
  from weighed
),
cut as (
  select phase, key, seq, dense_rank() over (order by phase nulls last, stretch nulls last, large nulls last, place - mod(place, {{ items }}) nulls last) as batch
  from placed
)
select c.seq, c.batch,
  case
    when d.phase is null or c.seq is not null then d.op
    when d.op = 'remove' then 'left'
    else 'held'
  end as op,
  case when d.phase is null or c.seq is not null then d.reason else 'limit' end as reason,
  d.key{{ parts }}, d.entity_id, d.hash,
  case when c.seq is not null then d.fields end as fields
from {{ decided }} as d
left join cut as c on c.key = d.key and c.phase = d.phase
