-- Says whose the state schema is. Two runs may do it at once: where nothing keeps rows unique both may, and the first by
-- time, project and target counts.
-- reads: meta(id)
-- writes: meta(id, version, project, target, created_at)
-- grain: one row a schema
-- version: 1
insert into {{ meta }} (id, version, project, target, created_at)
select n.id, {{ version }}, {{ project }}, {{ target }}, {{ at }}
from (select 1 as id) as n
where n.id not in (select m.id from {{ meta }} as m)
