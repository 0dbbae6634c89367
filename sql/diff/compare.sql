-- Joins the rows of a sync's model with what its destination last acknowledged, by key, and says of each what it is:
-- unchanged, back (was left, and is here again as it was), add, change (its reason is `resync` where it did not change
-- but was sent long ago), held with its reason, or a leaver that the next step judges. A key is shared when two rows
-- that may be sent have it.
-- reads: model(key, parts, entity_id, hash, consents, destination_consents, mapped values), snapshot(key, parts, hash, entity_id, gone, sent_at)
-- writes: compared(op, reason, key, parts, entity_id, hash, gone, consents, destination_consents, fields)
-- grain: one row a key of model or snapshot, and one row a held row of the model
-- version: 2
with model as not materialized (
{{ model }}
),
shared as (
  select key from model
  where key is not null and consents
  group by key
  having count(*) > 1
),
judged as not materialized (
  select m.*,
    case
      when m.key is null then 'no_key'
      when not m.consents then 'consent'
      when s.key is not null then 'duplicate_key'
    end as reason
  from model as m
  left join shared as s on s.key = m.key
),
joined as not materialized (
  select d.key as model_key, s.key as snapshot_key, d.hash as hash, s.gone as gone,
    d.entity_id as model_entity_id, s.entity_id as snapshot_entity_id{{ joined_parts }}{{ joined_values }},
    {{ op }} as op
  from (select * from judged where reason is null) as d
  full outer join {{ snapshot }} as s on s.key = d.key
)
select case when j.op = 'resync' then 'change' else j.op end as op,
  case when j.op = 'held' then 'unknown_fate' when j.op = 'resync' then 'resync' end as reason,
  case when j.op <> 'unchanged' then coalesce(j.model_key, j.snapshot_key) end as key{{ parts }},
  case when j.op <> 'unchanged' then coalesce(j.model_entity_id, j.snapshot_entity_id) end as entity_id,
  case when j.op <> 'unchanged' then j.hash end as hash,
  j.gone, {{ true }} as consents, {{ true }} as destination_consents,
  case when j.op in ('add', 'change', 'resync') then {{ fields }} end as fields
from joined as j
union all
select 'held' as op, h.reason, h.key{{ held_parts }}, h.entity_id, h.hash,
  {{ false }} as gone, h.consents, h.destination_consents, {{ no_text }} as fields
from judged as h
where h.reason is not null
