-- Joins the rows of a sync's model with what its destination last acknowledged, by key, and says of each that is not
-- unchanged what it is: back (was left, and is here again as it was), add, change (its reason is `resync` where it did
-- not change but was sent long ago), near (only numbers moved, by no more than their tolerance), held with its reason,
-- or a leaver that the next step judges. A key is shared when two rows that may be sent have it. A row that is held
-- joins nothing; one by which nobody can be found is held too. One pass over either side: most rows are unchanged, and those are only counted, by what is missing here.
-- reads: model(key, parts, entity_id, hash, consents, destination_consents, shared, mapped values, identifiers, identified), snapshot(key, parts, hash, entity_id, gone, sent_at)
-- writes: compared(op, reason, key, parts, entity_id, hash, gone, consents, destination_consents, fields)
-- grain: one row a key of model or snapshot that is not unchanged, and one row a held row of the model
-- version: 5
with model as {{ inlined }}(
{{ model }}
),
joined as (
  select d.key as model_key, s.key as snapshot_key, d.hash as hash, s.gone as gone,
    d.entity_id as model_entity_id, s.entity_id as snapshot_entity_id,
    d.consents, d.destination_consents, d.shared{{ joined_parts }}{{ joined_values }},
    case
      when d.hash is null then 'leaver'
      when d.key is null or not d.consents or d.shared{{ or_unidentified }} then 'held'
      else {{ op }}
    end as op
  from model as d
  full outer join {{ snapshot }} as s on s.key = case when d.consents and not d.shared{{ and_identified }} then d.key end
)
select case when j.op = 'resync' then 'change' when j.op = 'unknown_fate' then 'held' when j.op = 'back_near' then 'back' else j.op end as op,
  case
    when j.op in ('resync', 'unknown_fate') then j.op
    when j.op in ('near', 'back_near') then 'within_tolerance'
    when j.op <> 'held' then {{ no_text }}
    when j.model_key is null then 'no_key'
    when not j.consents then 'consent'{{ no_identifier }}
    else 'duplicate_key'
  end as reason,
  coalesce(j.model_key, j.snapshot_key) as key{{ parts }},
  coalesce(j.model_entity_id, j.snapshot_entity_id) as entity_id, j.hash,
  case when j.snapshot_key is not null then coalesce(j.gone, {{ false }}) end as gone,
  coalesce(j.consents, {{ true }}) as consents, coalesce(j.destination_consents, {{ true }}) as destination_consents,
  case when j.op in ('add', 'change', 'resync') then {{ fields }} end as fields
from joined as j
where j.op <> 'unchanged'
