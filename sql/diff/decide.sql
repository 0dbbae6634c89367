-- Judges those that left the model, and those that wait for their next try. A leaver whose person withdrew consent is
-- removed whatever the mode; one whose key or person stands in a held row is neither changed nor removed.
-- reads: compared(op, reason, key, parts, entity_id, hash, gone, consents, destination_consents, fields), wanted(key), waiting(key, op, hash)
-- writes: decided(op, reason, phase, key, parts, entity_id, hash, fields)
-- grain: one row a row of compared that is not kept as it is, nor near what was sent
-- version: 4
with held_rows as (
  select key, entity_id, consents, destination_consents from {{ compared }} where op = 'held'
),
kept_keys as (
  select distinct key from held_rows where consents and key is not null
),
kept_entities as (
  select distinct entity_id from held_rows where consents and entity_id is not null
),
refused_keys as (
  select key, {{ any_destination_refuses }} as by_destination
  from held_rows where not consents and key is not null group by key
),
refused_entities as (
  select entity_id, {{ any_destination_refuses }} as by_destination
  from held_rows where not consents and entity_id is not null group by entity_id
),
wanted as (
  select distinct key from ({{ wanted }}) as siblings
),
waiting as (
{{ waiting }}
),
judged as (
  select c.*,
    case
      when c.op in ('add', 'change') and w.op in ('add', 'change') and w.hash = {{ payload }} then 'retry_later'
      when c.op <> 'leaver' then c.op
      when kk.key is null and (rk.key is not null or re.entity_id is not null) then
        case
          when {{ cannot_remove }} then 'kept'
          when s.key is not null and not coalesce(rk.by_destination, {{ false }})
            and not coalesce(re.by_destination, {{ false }}) then 'wanted_by'
          else 'refused'
        end
      when kk.key is not null or ke.entity_id is not null then 'kept'
      else {{ leaver }}
    end as fate
  from {{ compared }} as c
  left join kept_keys as kk on c.op = 'leaver' and kk.key = c.key
  left join kept_entities as ke on c.op = 'leaver' and ke.entity_id = c.entity_id
  left join refused_keys as rk on c.op = 'leaver' and rk.key = c.key
  left join refused_entities as re on c.op = 'leaver' and re.entity_id = c.entity_id
  left join wanted as s on c.op = 'leaver' and s.key = c.key
  left join waiting as w on c.op in ('leaver', 'add', 'change') and w.key = c.key
  where c.op <> 'near'
)
select
  case
    when fate = 'refused' then 'remove'
    when fate in ('wanted_by', 'below_fewest') then 'left'
    when fate = 'retry_later' and op = 'leaver' then 'left'
    when fate = 'retry_later' then 'held'
    else fate
  end as op,
  case
    when fate = 'refused' then 'consent'
    when fate in ('wanted_by', 'retry_later', 'below_fewest') then fate
    else reason
  end as reason,
  case
    when fate = 'refused' then {{ refused_phase }}
    when fate = 'remove' then {{ removed_phase }}
    when fate in ('add', 'change') then 2
  end as phase,
  key{{ parts }}, entity_id, hash,
  case
    when fate = 'refused' then {{ refused_fields }}
    when fate = 'remove' then {{ removed_fields }}
    when fate in ('add', 'change') then fields
  end as fields
from judged
where fate <> 'kept'
