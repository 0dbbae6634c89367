-- How the state was made; where one of the first five differs, the next build stitches in full.
-- reads: <entity>_identity, anchors, <entity>_node_rows
-- writes: <entity>_stitch(form, engine, rules, salt, as_of, records, entities, repeated_keys)
-- grain: one row
-- version: 1
select {{ form }} as form, {{ engine }} as engine, {{ rules }} as rules, {{ salt }} as salt, {{ as_of }} as as_of,
  {{ records }} as records, {{ entities }} as entities, {{ repeated_keys }} as repeated_keys
