-- Records that look alike and are not one entity, and those that a rule made one.
-- reads: pairs of all rules(rule, a, b, score, block_records), <entity>_identity
-- writes: <entity>_candidates(rule, source_a, record_id_a, <entity>_id_a, source_b, record_id_b, <entity>_id_b, score,
--   block_records, linked)
-- grain: one row a rule and pair of records
-- version: 1
select p.rule, l.source as source_a, l.record_id as record_id_a, l.{{ entity_id }} as {{ entity_id_a }},
  h.source as source_b, h.record_id as record_id_b, h.{{ entity_id }} as {{ entity_id_b }},
  p.score, p.block_records, l.{{ entity_id }} = h.{{ entity_id }} as linked
from {{ pairs }} as p
join {{ identity }} as l on {{ low_place }} = p.a
join {{ identity }} as h on {{ high_place }} = p.b
where l.{{ entity_id }} <> h.{{ entity_id }}{{ or_linked }}
