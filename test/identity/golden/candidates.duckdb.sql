-- Values that were refused because of a limit
-- grain: one row an identifier value and reason
/* sluice identity.customer.guard_refused */
create temp table "sl_id_customer_guard_refused" as
with asking as (
  select n, c
  from (
    select n, c, count(*) over (partition by n) as entities
    from (
      select distinct k.n, l.r as c
      from "sl_id_customer_guard_asks_0" as k
      join "sl_id_customer_guard_labels" as l on l.v = k.c
    ) as asked
  ) as counted
  where entities > 1
),
held as (
  select c, t, min(w) as w, case when t = cast(0 as bigint) then sum(weight) else 1 end as weight
  from (
    select l.r as c, h.t, h.w, h.weight, case when h.t = cast(0 as bigint) then cast(0 as bigint) else h.w end as kept
    from "sl_id_customer_guard_holds_0" as h
    join "sl_id_customer_guard_labels" as l on l.v = h.c
  ) as kept_apart
  where c in (select c from asking)
  group by c, t, kept
),
found as (
  select distinct n, case when t > 0 then cast('max_per_entity' as varchar) when t = 0 then cast('max_entity_size' as varchar) else cast('block' as varchar) end as reason
  from (
    select k.n, h.t, h.w, max(h.weight) as weight
    from asking as k
    join held as h on h.c = k.c
    group by k.n, h.t, h.w
  ) as united
  group by n, t
  having sum(weight) > case when t = 2 then 3 when t = 4 then 1 when t = 0 then 100 else 1 end
)
select i.t, i.value, i.x, i.y, f.reason, count(*) as records
from found as f
join "sl_id_customer_guard_values" as i on i.n = f.n
group by i.t, i.value, i.x, i.y, f.reason
union all
select i.t, i.value, i.x, i.y, cast('record_over_limit' as varchar) as reason, count(*) as records
from "sl_id_customer_guard_alone" as a
join "sl_id_customer_guard_values" as i on i.r = a.r and i.t = a.t
group by i.t, i.value, i.x, i.y
;

-- Reads of contacts what is compared
-- grain: one row a row of contacts
/* sluice identity.customer.alike_facts_contacts */
create temp table "sl_id_customer_alike_facts_1" as
select 'contacts' || ':' || record_id as place, r, "id_1", "id_2", "id_3", "id_4"
from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4"
  from (select record_id, row_hash, content_hash, case when "a_1_1" >= '!' then "a_1_1" when trim("a_1_1", ' 	
') <> '' then "a_1_1" end as "a_1_1", case when "a_1_2" >= '!' then "a_1_2" when trim("a_1_2", ' 	
') <> '' then "a_1_2" end as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower(trim("a_3_1", ' 	
')), '') as "a_3_1", nullif(lower(trim("a_4_1", ' 	
')), '') as "a_4_1"
  from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1"
from "crm"."contacts" as x
where true) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids
;

-- Records that are never one entity
-- grain: one row a list and record
/* sluice identity.customer.alike_apart */
create temp table "sl_id_customer_alike_apart" as
select 1 as list, cast('contacts:t|1' as varchar) as place
union all
select 1 as list, cast('contacts:t|2' as varchar) as place
union all
select 1 as list, cast('orders:99' as varchar) as place
;

-- What the rule twins compares, and within which block
-- grain: one row a record, block and value
/* sluice identity.customer.alike_twins_rows */
create temp table "sl_id_customer_alike_rows_1" as
select distinct place, r, block, value
from (
  select place, r, replace(replace(substring("id_1", 1, 2), '\', '\\'), '|', '\|') || '|' || replace(replace("id_2", '\', '\\'), '|', '\|') as block, "id_1" as value from "sl_id_customer_alike_facts_1"
) as carried
where block is not null and value is not null
;

-- How many records the rule twins has to compare with each other
-- grain: one row a block of two records or more
/* sluice identity.customer.alike_twins_blocks */
create temp table "sl_id_customer_alike_blocks_1" as
select block, count(distinct place) as records
from "sl_id_customer_alike_rows_1"
group by block
having count(distinct place) > 1
;

-- Records that the rule twins finds alike
-- grain: one row a pair of records
/* sluice identity.customer.alike_twins_pairs */
create temp table "sl_id_customer_alike_pairs_1" as
select a, b, a_r, b_r, min(score) as score, min(records) as block_records
from (
  select l.place as a, h.place as b, l.r as a_r, h.r as b_r, case when l.value <= h.value then cast(levenshtein(l.value, h.value) as double) else cast(levenshtein(h.value, l.value) as double) end as score, k.records
  from "sl_id_customer_alike_blocks_1" as k
  join "sl_id_customer_alike_rows_1" as l on l.block = k.block
  join "sl_id_customer_alike_rows_1" as h on h.block = k.block
  where k.records <= 100 and l.place < h.place
) as compared
where score <= cast(2 as double)
  and not exists (
    select 1 from "sl_id_customer_alike_apart" as s join "sl_id_customer_alike_apart" as t on t.list = s.list where s.place = a and t.place = b
  )
group by a, b, a_r, b_r
;

-- What the rule sharers compares, and within which block
-- grain: one row a record, block and value
/* sluice identity.customer.alike_sharers_rows */
create temp table "sl_id_customer_alike_rows_2" as
select distinct place, r, block, value
from (
  select place, r, replace(replace("id_2", '\', '\\'), '|', '\|') as block, "id_3" as value from "sl_id_customer_alike_facts_1"
union all
select place, r, replace(replace("id_2", '\', '\\'), '|', '\|') as block, "id_4" as value from "sl_id_customer_alike_facts_1"
) as carried
where block is not null and value is not null
;

-- How many records the rule sharers has to compare with each other
-- grain: one row a block of two records or more
/* sluice identity.customer.alike_sharers_blocks */
create temp table "sl_id_customer_alike_blocks_2" as
select block, count(distinct place) as records
from "sl_id_customer_alike_rows_2"
group by block
having count(distinct place) > 1
;

-- Records that the rule sharers finds alike
-- grain: one row a pair of records
/* sluice identity.customer.alike_sharers_pairs */
create temp table "sl_id_customer_alike_pairs_2" as
select a, b, a_r, b_r, max(score) as score, min(records) as block_records
from (
  select l.place as a, h.place as b, l.r as a_r, h.r as b_r, case when l.value <= h.value then cast(jaro_winkler_similarity(l.value, h.value) as double) else cast(jaro_winkler_similarity(h.value, l.value) as double) end as score, k.records
  from "sl_id_customer_alike_blocks_2" as k
  join "sl_id_customer_alike_rows_2" as l on l.block = k.block
  join "sl_id_customer_alike_rows_2" as h on h.block = k.block
  where k.records <= 20 and l.place < h.place
) as compared
where score >= cast(0.92 as double)
  and not exists (
    select 1 from "sl_id_customer_alike_apart" as s join "sl_id_customer_alike_apart" as t on t.list = s.list where s.place = a and t.place = b
  )
group by a, b, a_r, b_r
;

-- Records that look alike and that identifiers do not make one
-- grain: one row a rule and pair of records
/* sluice identity.customer.link_pairs */
create temp table "sl_id_customer_link_pairs" as
select p.t, p.rule, p.closeness, p.a, p.b, p.a_r, p.b_r
from (
  select 6 as t, cast('sharers' as varchar) as rule, cast(cast(1000000000 + round((1 - score) * 1000000000) as bigint) as varchar) as closeness, a, b, a_r, b_r from "sl_id_customer_alike_pairs_2"
) as p
left join (
  select l.v, coalesce(g.r, l.r) as r
  from "sl_id_customer_labels_1" as l
  left join "sl_id_customer_guard_labels" as g on g.v = l.v
) as l on l.v = p.a_r
left join (
  select l.v, coalesce(g.r, l.r) as r
  from "sl_id_customer_labels_1" as l
  left join "sl_id_customer_guard_labels" as g on g.v = l.v
) as h on h.v = p.b_r
where coalesce(l.r, p.a_r) <> coalesce(h.r, p.b_r)
;

-- Records that look alike become edges between components
-- grain: one row a pair of components that are joined
/* sluice identity.customer.link_edges */
create temp table "sl_id_customer_link_edges_0" as
select distinct case when a > b then a else b end as u, case when a > b then b else a end as w
from (
  select coalesce(l.r, p.a_r) as a, coalesce(h.r, p.b_r) as b
  from "sl_id_customer_link_pairs" as p
  left join "sl_id_customer_labels_1" as l on l.v = p.a_r
  left join "sl_id_customer_labels_1" as h on h.v = p.b_r
) as joined
where a <> b
;

-- Hooks each record to its least smaller neighbour
-- grain: one row a record that has a smaller neighbour
/* sluice identity.customer.link_round_1_hook */
create temp table "sl_id_customer_link_hooks_1" as
with hooked as (
  select u as v, min(w) as r
  from "sl_id_customer_link_edges_0"
  group by u
)
select a.v, coalesce(b.r, a.r) as r
from hooked as a
left join hooked as b on b.v = a.r
;

-- Moves the edges to where their ends hooked
-- grain: one row a pair of records that are joined
/* sluice identity.customer.link_round_1_contract */
create temp table "sl_id_customer_link_edges_1" as
select distinct case when a > b then a else b end as u, case when a > b then b else a end as w
from (
  select coalesce(h.r, e.u) as a, coalesce(k.r, e.w) as b
  from "sl_id_customer_link_edges_0" as e
  left join "sl_id_customer_link_hooks_1" as h on h.v = e.u
  left join "sl_id_customer_link_hooks_1" as k on k.v = e.w
) as moved
where a <> b
;

-- Follows the records of this round through all later ones
-- grain: one row a record that moved
/* sluice identity.customer.link_round_1_compose */
create temp table "sl_id_customer_link_labels_1" as
select h.v, coalesce(l.r, h.r) as r
from "sl_id_customer_link_hooks_1" as h
left join "sl_id_customer_link_hooks_2" as l on l.v = h.r
union all
select l.v, l.r
from "sl_id_customer_link_hooks_2" as l
left join "sl_id_customer_link_hooks_1" as h on h.v = l.v
where h.v is null
;

-- Follows the records from the components of identifiers to those of links
-- grain: one row a record that moved
/* sluice identity.customer.link_labels */
create temp table "sl_id_customer_linked_labels" as
select h.v, coalesce(l.r, h.r) as r
from "sl_id_customer_labels_1" as h
left join "sl_id_customer_link_labels_1" as l on l.v = h.r
union all
select l.v, l.r
from "sl_id_customer_link_labels_1" as l
left join "sl_id_customer_labels_1" as h on h.v = l.v
where h.v is null
;

-- Components with more than 3 values of phone
-- grain: one row a component
/* sluice identity.customer.link_over_phone */
create temp table "sl_id_customer_link_over_values_2" as
select c
from (
  select coalesce(l.r, i.r) as c, i.x, i.y
  from (
  select r, "x_5" as x, "y_5" as y from "sl_id_customer_records_1" where "x_5" is not null
union all
select r, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
) as i
  left join "sl_id_customer_linked_labels" as l on l.v = i.r
  where not exists (
    select 1 from "sl_id_customer_stars" as s where s.x = i.x and s.y = i.y and s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  )
) as held
group by c
having count(distinct x) > 3 or count(distinct y) > 3
;

-- Components with more than 1 values of code
-- grain: one row a component
/* sluice identity.customer.link_over_code */
create temp table "sl_id_customer_link_over_values_4" as
select c
from (
  select coalesce(l.r, i.r) as c, i.x, i.y
  from (
  select r, "x_2" as x, "y_2" as y from "sl_id_customer_records_1" where "x_2" is not null
) as i
  left join "sl_id_customer_linked_labels" as l on l.v = i.r
  where not exists (
    select 1 from "sl_id_customer_stars" as s where s.x = i.x and s.y = i.y and s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  )
) as held
group by c
having min(x) < max(x) or min(y) < max(y)
;

-- Components of more than 100 records
-- grain: one row a component
/* sluice identity.customer.link_over_entity_size */
create temp table "sl_id_customer_link_over_records" as
select l.r as c
from "sl_id_customer_linked_labels" as l
group by l.r
having count(*) >= 100
;

-- The records that are to be kept apart
-- grain: one row a list and record
/* sluice identity.customer.link_blocked */
create temp table "sl_id_customer_link_blocked" as
select b.list, min(b.member) as member, n.r
from (
  select 1 as list, 1 as member, cast('contacts' as varchar) as source, cast('t|1' as varchar) as record_id
union all
select 1 as list, 2 as member, cast('contacts' as varchar) as source, cast('t|2' as varchar) as record_id
union all
select 1 as list, 3 as member, cast('orders' as varchar) as source, cast('99' as varchar) as record_id
) as b
join (
  select cast('contacts' as varchar) as source, record_id, r from "sl_id_customer_records_1" where record_id in ('t|1', 't|2')
union all
select cast('orders' as varchar) as source, record_id, r from "sl_id_customer_records_2" where record_id in ('99')
) as n on n.source = b.source and n.record_id = b.record_id
where n.r is not null
group by b.list, n.r
;

-- Components that hold two records which are to be kept apart
-- grain: one row a component
/* sluice identity.customer.link_over_block */
create temp table "sl_id_customer_link_over_blocks" as
select distinct c
from (
  select b.list, coalesce(l.r, b.r) as c
  from "sl_id_customer_link_blocked" as b
  left join "sl_id_customer_linked_labels" as l on l.v = b.r
) as held
group by list, c
having count(*) > 1
;

-- The records of the components over a limit
-- grain: one row a record
/* sluice identity.customer.link_guarded */
create temp table "sl_id_customer_link_guarded" as
with over_limit as (
  select c
  from (
  select c from "sl_id_customer_link_over_values_2"
union all
select c from "sl_id_customer_link_over_values_4"
union all
select c from "sl_id_customer_link_over_records"
union all
select c from "sl_id_customer_link_over_blocks"
) as o
)
select l.v as r, l.r as c
from "sl_id_customer_linked_labels" as l
where l.r in (select c from over_limit)
union
select c as r, c
from over_limit
;

-- The rows of contacts among them, once more
-- grain: one row a record of contacts
/* sluice identity.customer.link_guard_rows_contacts */
create temp table "sl_id_customer_link_guard_rows_1" as
select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, case when "a_1_1" >= '!' then "a_1_1" when trim("a_1_1", ' 	
') <> '' then "a_1_1" end as "a_1_1", case when "a_1_2" >= '!' then "a_1_2" when trim("a_1_2", ' 	
') <> '' then "a_1_2" end as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower(trim("a_3_1", ' 	
')), '') as "a_3_1", nullif(lower(trim("a_4_1", ' 	
')), '') as "a_4_1", case when regexp_matches("a_5_1", '^[^0-9]*[+]|[^\x00-\x{10FFFF}]') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end, case when typeof("a_5_1") = 'VARCHAR' then '.' || cast("a_5_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1",
  cast(x."mobile" as varchar) as "a_5_1"
from "crm"."contacts" as x
where true) as ids
  where case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end in (select r from "sl_id_customer_link_guarded")) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids
;

-- The rows of orders among them, once more
-- grain: one row a record of orders
/* sluice identity.customer.link_guard_rows_orders */
create temp table "sl_id_customer_link_guard_rows_2" as
select * from "sl_id_customer_groups_2" where r in (select r from "sl_id_customer_link_guarded")
;

-- Their identifiers in the order in which they are tried
-- grain: one row a record and identifier value
/* sluice identity.customer.link_guard_values */
create temp table "sl_id_customer_link_guard_values" as
select i.r, g.c, i.t, i.value, i.x, i.y, dense_rank() over (
  order by i.tier nulls last, i.order_hash nulls last, i.t nulls last, i.value nulls last
) as n
from (
  select r, 3 as t, 4 as tier, md5('born|' || "id_1") as order_hash, "id_1" as value, hash('0|born|' || "id_1", '.' || '0|born|' || "id_1") as x, hash('0, second|born|' || "id_1", '.' || '0, second|born|' || "id_1") as y from "sl_id_customer_link_guard_rows_1" where "id_1" is not null
union all
select r, 4 as t, 1 as tier, md5('code|' || "id_2") as order_hash, "id_2" as value, hash('0|code|' || "id_2", '.' || '0|code|' || "id_2") as x, hash('0, second|code|' || "id_2", '.' || '0, second|code|' || "id_2") as y from "sl_id_customer_link_guard_rows_1" where "id_2" is not null
union all
select r, 1 as t, 2 as tier, md5('email|' || "id_3") as order_hash, "id_3" as value, hash('0|email|' || "id_3", '.' || '0|email|' || "id_3") as x, hash('0, second|email|' || "id_3", '.' || '0, second|email|' || "id_3") as y from "sl_id_customer_link_guard_rows_1" where "id_3" is not null
union all
select r, 1 as t, 2 as tier, md5('email|' || "id_4") as order_hash, "id_4" as value, hash('0|email|' || "id_4", '.' || '0|email|' || "id_4") as x, hash('0, second|email|' || "id_4", '.' || '0, second|email|' || "id_4") as y from "sl_id_customer_link_guard_rows_1" where "id_4" is not null
union all
select r, 2 as t, 3 as tier, md5('phone|' || "id_5") as order_hash, "id_5" as value, hash('0|phone|' || "id_5", '.' || '0|phone|' || "id_5") as x, hash('0, second|phone|' || "id_5", '.' || '0, second|phone|' || "id_5") as y from "sl_id_customer_link_guard_rows_1" where "id_5" is not null
union all
select r, 1 as t, 2 as tier, md5('email|' || "id_1") as order_hash, "id_1" as value, "x_1" as x, "y_1" as y from "sl_id_customer_link_guard_rows_2" where "id_1" is not null
union all
select r, 2 as t, 3 as tier, md5('phone|' || "id_2") as order_hash, "id_2" as value, "x_2" as x, "y_2" as y from "sl_id_customer_link_guard_rows_2" where "id_2" is not null
union all
select a_r as r, t, t as tier, closeness || md5(a || ' ' || b) as order_hash, a || ' ' || b as value, hash('0|pair|' || rule || ' ' || a || ' ' || b, '.' || '0|pair|' || rule || ' ' || a || ' ' || b) as x, hash('0, second|pair|' || rule || ' ' || a || ' ' || b, '.' || '0, second|pair|' || rule || ' ' || a || ' ' || b) as y from "sl_id_customer_link_pairs"
union all
select b_r as r, t, t as tier, closeness || md5(a || ' ' || b) as order_hash, a || ' ' || b as value, hash('0|pair|' || rule || ' ' || a || ' ' || b, '.' || '0|pair|' || rule || ' ' || a || ' ' || b) as x, hash('0, second|pair|' || rule || ' ' || a || ' ' || b, '.' || '0, second|pair|' || rule || ' ' || a || ' ' || b) as y from "sl_id_customer_link_pairs"
) as i
join "sl_id_customer_link_guarded" as g on g.r = i.r
where not exists (
    select 1 from "sl_id_customer_stars" as s where s.x = i.x and s.y = i.y and s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  )
;

-- Records that are over a limit by themselves
-- grain: one row a record and identifier type
/* sluice identity.customer.link_guard_alone */
create temp table "sl_id_customer_link_guard_alone" as
select i.r, i.t
from "sl_id_customer_link_guard_values" as i
where i.t in (2, 4)
group by i.r, i.t
having count(*) > case when i.t = 2 then 3 when i.t = 4 then 1 when i.t = 0 then 100 else 1 end
;

-- Which identifiers ask to join which records
-- grain: one row an identifier and cluster
/* sluice identity.customer.link_guard_asks */
create temp table "sl_id_customer_link_guard_asks_0" as
select part, n, c
from (
  select i.c as part, i.n, i.r as c, count(*) over (partition by i.n) as clusters
  from "sl_id_customer_link_guard_values" as i
  where i.r not in (select r from "sl_id_customer_link_guard_alone")
) as asking
where clusters > 1
;

-- What each record holds of what is limited
-- grain: one row a record, limit and value
/* sluice identity.customer.link_guard_holds */
create temp table "sl_id_customer_link_guard_holds_0" as
select h.c, h.t, h.w, cast(1 as bigint) as weight
from (
  select r as c, cast(t as bigint) as t, n as w from "sl_id_customer_link_guard_values" where t in (2, 4)
union all
select r as c, cast(0 as bigint) as t, row_number() over (order by r nulls last) as w from "sl_id_customer_link_guarded"
union all
select r as c, cast(0 - list as bigint) as t, cast(member as bigint) as w from "sl_id_customer_link_blocked"
) as h
;

-- How many identifiers of each component are tried at once
-- grain: one row a component
/* sluice identity.customer.link_guard_pace */
create temp table "sl_id_customer_link_guard_pace_0" as
select k.part, count(distinct k.n) as take
from "sl_id_customer_link_guard_asks_0" as k
group by k.part
;

-- Refuses identifiers whose clusters together are over a limit
-- grain: one row an identifier and limit
/* sluice identity.customer.link_guard_1_refuse */
create temp table "sl_id_customer_link_guard_refused_1" as
select n, t
from (
  select k.n, h.t, h.w, max(h.weight) as weight
  from "sl_id_customer_link_guard_asks_0" as k
  join "sl_id_customer_link_guard_holds_0" as h on h.c = k.c
  group by k.n, h.t, h.w
) as united
group by n, t
having sum(weight) > case when t = 2 then 3 when t = 4 then 1 when t = 0 then 100 else 1 end
;

-- The first of the others become edges between clusters
-- grain: one row a pair of clusters that are joined
/* sluice identity.customer.link_guard_1_edges */
create temp table "sl_id_customer_link_guard_1_edges_0" as
with asking as (
  select k.part, k.n, k.c, dense_rank() over (partition by k.part order by k.n nulls last) as place
  from "sl_id_customer_link_guard_asks_0" as k
  where k.n not in (select n from "sl_id_customer_link_guard_refused_1")
),
tried as (
  select a.n, a.c
  from asking as a
  join "sl_id_customer_link_guard_pace_0" as p on p.part = a.part
  where a.place <= p.take
),
lows as (
  select n, min(c) as low
  from tried
  group by n
)
select distinct a.c as u, b.low as w
from tried as a
join lows as b on b.n = a.n
where a.c <> b.low
;

-- Hooks each record to its least smaller neighbour
-- grain: one row a record that has a smaller neighbour
/* sluice identity.customer.link_guard_1_round_1_hook */
create temp table "sl_id_customer_link_guard_1_hooks_1" as
with hooked as (
  select u as v, min(w) as r
  from "sl_id_customer_link_guard_1_edges_0"
  group by u
)
select a.v, coalesce(b.r, a.r) as r
from hooked as a
left join hooked as b on b.v = a.r
;

-- Moves the edges to where their ends hooked
-- grain: one row a pair of records that are joined
/* sluice identity.customer.link_guard_1_round_1_contract */
create temp table "sl_id_customer_link_guard_1_edges_1" as
select distinct case when a > b then a else b end as u, case when a > b then b else a end as w
from (
  select coalesce(h.r, e.u) as a, coalesce(k.r, e.w) as b
  from "sl_id_customer_link_guard_1_edges_0" as e
  left join "sl_id_customer_link_guard_1_hooks_1" as h on h.v = e.u
  left join "sl_id_customer_link_guard_1_hooks_1" as k on k.v = e.w
) as moved
where a <> b
;

-- Joins what is within all limits
-- grain: one row a cluster that becomes part of another
/* sluice identity.customer.link_guard_1_moves */
create temp table "sl_id_customer_link_guard_moves_1" as
with over_limit as (
  select distinct g
  from (
    select g, t
    from (
      select coalesce(l.r, h.c) as g, h.t, h.w, max(h.weight) as weight
      from "sl_id_customer_link_guard_holds_0" as h
      left join "sl_id_customer_link_guard_1_hooks_1" as l on l.v = h.c
      group by coalesce(l.r, h.c), h.t, h.w
    ) as united
    group by g, t
    having sum(weight) > case when t = 2 then 3 when t = 4 then 1 when t = 0 then 100 else 1 end
  ) as broken
),
joined as (
  select l.v, l.r
  from "sl_id_customer_link_guard_1_hooks_1" as l
  where l.r not in (select g from over_limit)
),
asking as (
  select n, c, min(n) over (partition by c) as first_n
  from "sl_id_customer_link_guard_asks_0"
  where n not in (select n from "sl_id_customer_link_guard_refused_1")
),
agreed as (
  select n, min(c) as low
  from asking
  group by n
  having min(first_n) = n
)
select v, r, 1 as whole
from joined
union all
select k.c as v, a.low as r, 0 as whole
from agreed as a
join asking as k on k.n = a.n
where k.c <> a.low
  and k.c not in (select v from joined) and a.low not in (select v from joined)
  and k.c not in (select r from joined) and a.low not in (select r from joined)
;

-- Which identifiers still ask
-- grain: one row an identifier and cluster
/* sluice identity.customer.link_guard_1_asks */
create temp table "sl_id_customer_link_guard_asks_1" as
select part, n, c
from (
  select part, n, c, count(*) over (partition by n) as clusters
  from (
    select distinct k.part, k.n, coalesce(m.r, k.c) as c
    from "sl_id_customer_link_guard_asks_0" as k
    left join "sl_id_customer_link_guard_moves_1" as m on m.v = k.c
    where k.n not in (select n from "sl_id_customer_link_guard_refused_1")
  ) as moved
) as asking
where clusters > 1
;

-- What the clusters hold now
-- grain: one row a cluster, limit and value
/* sluice identity.customer.link_guard_1_holds */
create temp table "sl_id_customer_link_guard_holds_1" as
select c, t, min(w) as w, cast(case when t = 0 then sum(weight) else 1 end as bigint) as weight
from (
  select coalesce(m.r, h.c) as c, h.t, h.w, h.weight, case when h.t = cast(0 as bigint) then cast(0 as bigint) else h.w end as kept
  from "sl_id_customer_link_guard_holds_0" as h
  left join "sl_id_customer_link_guard_moves_1" as m on m.v = h.c
) as moved
where c in (select c from "sl_id_customer_link_guard_asks_1")
group by c, t, kept
;

-- How many identifiers of each component are tried next
-- grain: one row a component
/* sluice identity.customer.link_guard_1_pace */
create temp table "sl_id_customer_link_guard_pace_1" as
select a.part, case when a.part in (
    select k.part
    from "sl_id_customer_link_guard_asks_0" as k
    join "sl_id_customer_link_guard_moves_1" as m on m.v = k.c
    where m.whole = 1
  ) and p.take < a.left_over then 2 * p.take else greatest(1, cast(floor(least(p.take, a.left_over) * 0.5) as bigint)) end as take
from (
  select part, count(distinct n) as left_over
  from "sl_id_customer_link_guard_asks_1"
  group by part
) as a
join "sl_id_customer_link_guard_pace_0" as p on p.part = a.part
;

-- The entity of each record whose component was over a limit
-- grain: one row a record
/* sluice identity.customer.link_guard_labels */
create temp table "sl_id_customer_link_guard_labels" as
select v, min(v) over (partition by c) as r
from (
  select g.r as v, coalesce(l.r, g.r) as c
  from "sl_id_customer_link_guarded" as g
  left join "sl_id_customer_link_guard_moves_1" as l on l.v = g.r
) as clustered
;

-- Values that were refused because of a limit
-- grain: one row an identifier value and reason
/* sluice identity.customer.link_guard_refused */
create temp table "sl_id_customer_link_guard_refused" as
with asking as (
  select n, c
  from (
    select n, c, count(*) over (partition by n) as entities
    from (
      select distinct k.n, l.r as c
      from "sl_id_customer_link_guard_asks_0" as k
      join "sl_id_customer_link_guard_labels" as l on l.v = k.c
    ) as asked
  ) as counted
  where entities > 1
),
held as (
  select c, t, min(w) as w, case when t = cast(0 as bigint) then sum(weight) else 1 end as weight
  from (
    select l.r as c, h.t, h.w, h.weight, case when h.t = cast(0 as bigint) then cast(0 as bigint) else h.w end as kept
    from "sl_id_customer_link_guard_holds_0" as h
    join "sl_id_customer_link_guard_labels" as l on l.v = h.c
  ) as kept_apart
  where c in (select c from asking)
  group by c, t, kept
),
found as (
  select distinct n, case when t > 0 then cast('max_per_entity' as varchar) when t = 0 then cast('max_entity_size' as varchar) else cast('block' as varchar) end as reason
  from (
    select k.n, h.t, h.w, max(h.weight) as weight
    from asking as k
    join held as h on h.c = k.c
    group by k.n, h.t, h.w
  ) as united
  group by n, t
  having sum(weight) > case when t = 2 then 3 when t = 4 then 1 when t = 0 then 100 else 1 end
)
select i.t, i.value, i.x, i.y, f.reason, count(*) as records
from found as f
join "sl_id_customer_link_guard_values" as i on i.n = f.n
group by i.t, i.value, i.x, i.y, f.reason
union all
select i.t, i.value, i.x, i.y, cast('record_over_limit' as varchar) as reason, count(*) as records
from "sl_id_customer_link_guard_alone" as a
join "sl_id_customer_link_guard_values" as i on i.r = a.r and i.t = a.t
group by i.t, i.value, i.x, i.y
;

-- Values that link nothing, and why
-- grain: one row an identifier value and reason
/* sluice identity.customer.refused */
create table "sluice"."customer_refused" as
select identifier, sha256(value) as value_hash, value, reason, cast(sum(records) as bigint) as records
from (
  select case s.t when 3 then cast('born' as varchar) when 4 then cast('code' as varchar) when 1 then cast('email' as varchar) when 2 then cast('phone' as varchar) end as identifier, min(v.value) as value, cast('max_records' as varchar) as reason, min(s.records) as records
  from "sl_id_customer_stars" as s
  left join (
  select hash('0|born|' || "id_1", '.' || '0|born|' || "id_1") as x, hash('0, second|born|' || "id_1", '.' || '0, second|born|' || "id_1") as y, "id_1" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, case when "a_1_1" >= '!' then "a_1_1" when trim("a_1_1", ' 	
') <> '' then "a_1_1" end as "a_1_1", case when "a_1_2" >= '!' then "a_1_2" when trim("a_1_2", ' 	
') <> '' then "a_1_2" end as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower(trim("a_3_1", ' 	
')), '') as "a_3_1", nullif(lower(trim("a_4_1", ' 	
')), '') as "a_4_1", case when regexp_matches("a_5_1", '^[^0-9]*[+]|[^\x00-\x{10FFFF}]') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end, case when typeof("a_5_1") = 'VARCHAR' then '.' || cast("a_5_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1",
  cast(x."mobile" as varchar) as "a_5_1"
from "crm"."contacts" as x
where true) as ids
  where case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "id_1" is not null
union all
select hash('0|code|' || "id_2", '.' || '0|code|' || "id_2") as x, hash('0, second|code|' || "id_2", '.' || '0, second|code|' || "id_2") as y, "id_2" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, case when "a_1_1" >= '!' then "a_1_1" when trim("a_1_1", ' 	
') <> '' then "a_1_1" end as "a_1_1", case when "a_1_2" >= '!' then "a_1_2" when trim("a_1_2", ' 	
') <> '' then "a_1_2" end as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower(trim("a_3_1", ' 	
')), '') as "a_3_1", nullif(lower(trim("a_4_1", ' 	
')), '') as "a_4_1", case when regexp_matches("a_5_1", '^[^0-9]*[+]|[^\x00-\x{10FFFF}]') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end, case when typeof("a_5_1") = 'VARCHAR' then '.' || cast("a_5_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1",
  cast(x."mobile" as varchar) as "a_5_1"
from "crm"."contacts" as x
where true) as ids
  where case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "id_2" is not null
union all
select hash('0|email|' || "id_3", '.' || '0|email|' || "id_3") as x, hash('0, second|email|' || "id_3", '.' || '0, second|email|' || "id_3") as y, "id_3" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, case when "a_1_1" >= '!' then "a_1_1" when trim("a_1_1", ' 	
') <> '' then "a_1_1" end as "a_1_1", case when "a_1_2" >= '!' then "a_1_2" when trim("a_1_2", ' 	
') <> '' then "a_1_2" end as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower(trim("a_3_1", ' 	
')), '') as "a_3_1", nullif(lower(trim("a_4_1", ' 	
')), '') as "a_4_1", case when regexp_matches("a_5_1", '^[^0-9]*[+]|[^\x00-\x{10FFFF}]') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end, case when typeof("a_5_1") = 'VARCHAR' then '.' || cast("a_5_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1",
  cast(x."mobile" as varchar) as "a_5_1"
from "crm"."contacts" as x
where true) as ids
  where case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "id_3" is not null
union all
select hash('0|email|' || "id_4", '.' || '0|email|' || "id_4") as x, hash('0, second|email|' || "id_4", '.' || '0, second|email|' || "id_4") as y, "id_4" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, case when "a_1_1" >= '!' then "a_1_1" when trim("a_1_1", ' 	
') <> '' then "a_1_1" end as "a_1_1", case when "a_1_2" >= '!' then "a_1_2" when trim("a_1_2", ' 	
') <> '' then "a_1_2" end as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower(trim("a_3_1", ' 	
')), '') as "a_3_1", nullif(lower(trim("a_4_1", ' 	
')), '') as "a_4_1", case when regexp_matches("a_5_1", '^[^0-9]*[+]|[^\x00-\x{10FFFF}]') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end, case when typeof("a_5_1") = 'VARCHAR' then '.' || cast("a_5_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1",
  cast(x."mobile" as varchar) as "a_5_1"
from "crm"."contacts" as x
where true) as ids
  where case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "id_4" is not null
union all
select hash('0|phone|' || "id_5", '.' || '0|phone|' || "id_5") as x, hash('0, second|phone|' || "id_5", '.' || '0, second|phone|' || "id_5") as y, "id_5" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, case when "a_1_1" >= '!' then "a_1_1" when trim("a_1_1", ' 	
') <> '' then "a_1_1" end as "a_1_1", case when "a_1_2" >= '!' then "a_1_2" when trim("a_1_2", ' 	
') <> '' then "a_1_2" end as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower(trim("a_3_1", ' 	
')), '') as "a_3_1", nullif(lower(trim("a_4_1", ' 	
')), '') as "a_4_1", case when regexp_matches("a_5_1", '^[^0-9]*[+]|[^\x00-\x{10FFFF}]') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end, case when typeof("a_5_1") = 'VARCHAR' then '.' || cast("a_5_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1",
  cast(x."mobile" as varchar) as "a_5_1"
from "crm"."contacts" as x
where true) as ids
  where case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "id_5" is not null
union all
select "x_1" as x, "y_1" as y, "id_1" as value from "sl_id_customer_groups_2" where "id_1" is not null
union all
select "x_2" as x, "y_2" as y, "id_2" as value from "sl_id_customer_groups_2" where "id_2" is not null
) as v on v.x = s.x and v.y = s.y
  where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  group by s.t, s.x, s.y
union all
select case t when 3 then cast('born' as varchar) when 4 then cast('code' as varchar) when 1 then cast('email' as varchar) when 2 then cast('phone' as varchar) end as identifier, value, reason, records from "sl_id_customer_link_guard_refused" where t <= 4
union all
select cast('twins' as varchar) as identifier, block as value, cast('max_block' as varchar) as reason, records
  from "sl_id_customer_alike_blocks_1"
  where records > 100
union all
select cast('sharers' as varchar) as identifier, block as value, cast('max_block' as varchar) as reason, records
  from "sl_id_customer_alike_blocks_2"
  where records > 20
) as refused
group by identifier, value, reason
;

-- Records that look alike and are not one, and those that a rule made one
-- grain: one row a rule and pair of records
/* sluice identity.customer.candidates */
create table "sluice"."customer_candidates" as
select p.rule, l.source as source_a, l.record_id as record_id_a, l."customer_id" as "customer_id_a",
  h.source as source_b, h.record_id as record_id_b, h."customer_id" as "customer_id_b",
  p.score, p.block_records, l."customer_id" = h."customer_id" as linked
from (
  select cast('twins' as varchar) as rule, a, b, score, block_records from "sl_id_customer_alike_pairs_1"
union all
select cast('sharers' as varchar) as rule, a, b, score, block_records from "sl_id_customer_alike_pairs_2"
) as p
join "sluice"."customer_identity" as l on l.source || ':' || l.record_id = p.a
join "sluice"."customer_identity" as h on h.source || ':' || h.record_id = p.b
where l."customer_id" <> h."customer_id"
  or exists (
    select 1 from "sl_id_customer_link_pairs" as q where q.rule = p.rule and q.a = p.a and q.b = p.b
  )
;
