-- How the state was made
-- grain: one row
/* sluice identity.customer.incremental.stitch */
select form, engine, rules, salt, as_of, records, entities, repeated_keys from "sluice"."customer_stitch"
;

-- Whether each value that was refused is known
-- grain: one row
/* sluice identity.customer.incremental.check_refused */
select count(*) - count(value) as textless from "sluice"."customer_refused"
;

-- Reads contacts as hashes
-- grain: one row a row of contacts
/* sluice identity.customer.incremental.seen_contacts */
create temp table "sl_id_customer_seen_1" as
select row_hash as k, content_hash as c
from (select *, hash("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_1_2") = 'VARCHAR' then '.' || cast("a_1_2" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end, case when typeof("a_3_1") = 'VARCHAR' then '.' || cast("a_3_1" as varchar) end, case when typeof("a_4_1") = 'VARCHAR' then '.' || cast("a_4_1" as varchar) end, case when typeof("a_5_1") = 'VARCHAR' then '.' || cast("a_5_1" as varchar) end) as content_hash, case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end as row_hash
  from (select replace(replace(cast("x"."tenant" as varchar), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as varchar) as "a_1_1",
  cast(x."birth_date" as varchar) as "a_1_2",
  cast((upper(code)
) as varchar) as "a_2_1",
  cast(x."mail" as varchar) as "a_3_1",
  cast(x."work_mail" as varchar) as "a_4_1",
  cast(x."mobile" as varchar) as "a_5_1"
from "crm"."contacts" as x
where true) as ids) as ids
;

-- What is new, changed or gone in contacts
-- grain: one row a row that is not as it was
/* sluice identity.customer.incremental.found_contacts */
create temp table "sl_id_customer_found_1" as
select coalesce(s.k, n.node_hash) as k, coalesce(s.c, n.content_hash) as c, n.node_hash as r,
  n.node_hash is not null as was, s.k is not null as stands
from "sl_id_customer_seen_1" as s
full outer join (
  select node_hash, content_hash
  from "sluice"."customer_nodes"
  where source = cast('contacts' as varchar)
) as n on n.node_hash = s.k
where s.k is null or n.node_hash is null or n.content_hash <> s.c
;

-- How much is new, changed and gone in contacts
-- grain: one row
/* sluice identity.customer.incremental.check_contacts */
select count(*) as found, sum(fresh_rows) as fresh_rows,
  sum(case when stands > 0 and was = 0 then 1 else 0 end) as fresh,
  sum(case when stands > 0 and was > 0 then 1 else 0 end) as changed,
  sum(case when stands = 0 and was > 0 then 1 else 0 end) as gone,
  sum(case when stands = 0 and was = 0 then 1 else 0 end) as keyless,
  (select count(*) from "sluice"."customer_nodes" where source = cast('contacts' as varchar)) as stored
from (
  select k, sum(case when was then 1 else 0 end) as was, sum(case when stands then 1 else 0 end) as stands,
    sum(case when stands and not was then 1 else 0 end) as fresh_rows
  from "sl_id_customer_found_1"
  group by k
) as keys
;

-- Reads orders as hashes
-- grain: one row a row of orders
/* sluice identity.customer.incremental.seen_orders */
create temp table "sl_id_customer_seen_2" as
select row_hash as k, content_hash as c
from (select *, hash("record_id", "a_1_1", "a_2_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end) as content_hash, case when record_id is null then hash("record_id", "a_1_1", "a_2_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end) else hash('0|orders, row|' || "record_id", '.' || '0|orders, row|' || "record_id") end as row_hash
  from (select replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."buyer" as varchar) as "a_1_1",
  cast(x."phone" as varchar) as "a_2_1"
from "shop"."orders" as x
where (case when typeof("x"."ordered_at") = 'VARCHAR' then cast(cast("x"."ordered_at" as timestamp with time zone) as timestamp) else cast("x"."ordered_at" as timestamp) end >= timestamp '2026-01-31 08:00:00.000') is not true) as ids) as ids
;

-- What is new, changed or gone in orders
-- grain: one row a row that is not as it was
/* sluice identity.customer.incremental.found_orders */
create temp table "sl_id_customer_found_2" as
select coalesce(s.k, e.row_hash) as k, coalesce(s.c, e.content_hash) as c, e.node_hash as r,
  e.row_hash is not null as was, s.k is not null as stands
from "sl_id_customer_seen_2" as s
full outer join (
  select row_hash, content_hash, node_hash
  from "sluice"."customer_node_rows"
  where source = cast('orders' as varchar)
) as e on e.row_hash = s.k and e.content_hash = s.c
where s.k is null or e.row_hash is null
;

-- How much is new, changed and gone in orders
-- grain: one row
/* sluice identity.customer.incremental.check_orders */
select count(*) as found, sum(fresh_rows) as fresh_rows,
  sum(case when stands > 0 and was = 0 then 1 else 0 end) as fresh,
  sum(case when stands > 0 and was > 0 then 1 else 0 end) as changed,
  sum(case when stands = 0 and was > 0 then 1 else 0 end) as gone,
  sum(case when stands = 0 and was = 0 then 1 else 0 end) as keyless,
  (select count(*) from "sluice"."customer_node_rows" where source = cast('orders' as varchar)) as stored
from (
  select k, sum(case when was then 1 else 0 end) as was, sum(case when stands then 1 else 0 end) as stands,
    sum(case when stands and not was then 1 else 0 end) as fresh_rows
  from "sl_id_customer_found_2"
  group by k
) as keys
;

-- No event is known to belong to an entity again
-- grain: no row
/* sluice identity.customer.incremental.none_loose */
create temp table "sl_id_customer_loose" as
select cast(null as ubigint) as "r" from (select 1 as one) as one where 1 = 0
;

-- Values that identify nobody, normalised
-- grain: one row a value of the project
/* sluice identity.customer.incremental.ignored */
create temp table "sl_id_customer_ignored" as
select 1 as t, nullif(lower(trim(cast('n/a' as varchar), ' 	
')), '') as value
;

-- Reads contacts and normalises its identifiers
-- grain: one row a row of contacts
/* sluice identity.customer.incremental.records_contacts */
create temp table "sl_id_customer_records_1" as
select record_id, r, content_hash,
  "id_1",
  "id_2",
  "id_3",
  "id_4",
  "id_5",
  case when "id_1" is not null then hash('0|born|' || "id_1", '.' || '0|born|' || "id_1") end as "x_1",
  hash('0, second|born|' || "id_1", '.' || '0, second|born|' || "id_1") as "y_1",
  case when "id_2" is not null then hash('0|code|' || "id_2", '.' || '0|code|' || "id_2") end as "x_2",
  hash('0, second|code|' || "id_2", '.' || '0, second|code|' || "id_2") as "y_2",
  case when "id_3" is not null then hash('0|email|' || "id_3", '.' || '0|email|' || "id_3") end as "x_3",
  hash('0, second|email|' || "id_3", '.' || '0, second|email|' || "id_3") as "y_3",
  case when "id_4" is not null then hash('0|email|' || "id_4", '.' || '0|email|' || "id_4") end as "x_4",
  hash('0, second|email|' || "id_4", '.' || '0, second|email|' || "id_4") as "y_4",
  case when "id_5" is not null then hash('0|phone|' || "id_5", '.' || '0|phone|' || "id_5") end as "x_5",
  hash('0, second|phone|' || "id_5", '.' || '0, second|phone|' || "id_5") as "y_5",
  "ignored_3",
  "ignored_4"
from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5", "ignored_3", "ignored_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", case when "id_3" <= "id_4" then "id_3" else "id_4" end as "id_3", case when "id_4" >= "id_3" then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_3" end as "id_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_4" end as "id_4", "id_5", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_3" end as "ignored_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_4" end as "ignored_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower(trim("a_1_1", ' 	
')), '') as "a_1_1", nullif(lower(trim("a_1_2", ' 	
')), '') as "a_1_2", case when "a_2_1" >= '!' then "a_2_1" when trim("a_2_1", ' 	
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
  where case when record_id is not null then hash('0|contacts|' || "record_id", '.' || '0|contacts|' || "record_id") end in (select k from "sl_id_customer_found_1" where stands)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids
;

-- Reads orders and normalises its identifiers
-- grain: one row a row of orders
/* sluice identity.customer.incremental.records_orders */
create temp table "sl_id_customer_records_2" as
select *
from (select record_id,
  case when coalesce("id_1", "id_2") is not null then hash('0|orders|' || case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end, '.' || '0|orders|' || case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end) end as r,
  row_hash, content_hash,
  "id_1", "id_2", "ignored_1"
from (select record_id, row_hash, content_hash, case when "id_1" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_1" end as "id_1", "id_2", case when "id_1" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_1" end as "ignored_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "id_1", "a_2_1" as "id_2"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", case when length("a_2_1") between 8 and 15 then '+' || "a_2_1" end as "a_2_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", case when starts_with("a_2_1", '+') then substring("a_2_1", 2)
    when starts_with("a_2_1", '00') then substring("a_2_1", 3)
    else '33' || case when starts_with("a_2_1", '0') then substring("a_2_1", 2) else "a_2_1" end end as "a_2_1"
  from (select record_id, row_hash, content_hash, nullif(lower(trim("a_1_1", ' 	
')), '') as "a_1_1", case when regexp_matches("a_2_1", '^[^0-9]*[+]|[^\x00-\x{10FFFF}]') then '+' else '' end || regexp_replace("a_2_1", '[^0-9]', '', 'g') as "a_2_1"
  from (select *, hash("record_id", "a_1_1", "a_2_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end) as content_hash, case when record_id is null then hash("record_id", "a_1_1", "a_2_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end) else hash('0|orders, row|' || "record_id", '.' || '0|orders, row|' || "record_id") end as row_hash
  from (select *
  from (select replace(replace(cast("x"."id" as varchar), '\', '\\'), '|', '\|') as record_id,
  cast(x."buyer" as varchar) as "a_1_1",
  cast(x."phone" as varchar) as "a_2_1"
from "shop"."orders" as x
where (case when typeof("x"."ordered_at") = 'VARCHAR' then cast(cast("x"."ordered_at" as timestamp with time zone) as timestamp) else cast("x"."ordered_at" as timestamp) end >= timestamp '2026-01-31 08:00:00.000') is not true) as ids
  where case when record_id is null then hash("record_id", "a_1_1", "a_2_1", case when typeof("record_id") = 'VARCHAR' then '.' || cast("record_id" as varchar) end, case when typeof("a_1_1") = 'VARCHAR' then '.' || cast("a_1_1" as varchar) end, case when typeof("a_2_1") = 'VARCHAR' then '.' || cast("a_2_1" as varchar) end) else hash('0|orders, row|' || "record_id", '.' || '0|orders, row|' || "record_id") end in (select k from "sl_id_customer_found_2" where not was)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as one
where exists (select 1 from "sl_id_customer_found_2" as f where f.k = one.row_hash and f.c = one.content_hash and not f.was)
;

-- Rows of orders with the same identifiers count as one record
-- grain: one row a set of identifiers
/* sluice identity.customer.incremental.groups_orders */
create temp table "sl_id_customer_groups_2" as
select r, "id_1", "id_2",
  case when "id_1" is not null then hash('0|email|' || "id_1", '.' || '0|email|' || "id_1") end as "x_1",
  hash('0, second|email|' || "id_1", '.' || '0, second|email|' || "id_1") as "y_1",
  case when "id_2" is not null then hash('0|phone|' || "id_2", '.' || '0|phone|' || "id_2") end as "x_2",
  hash('0, second|phone|' || "id_2", '.' || '0, second|phone|' || "id_2") as "y_2"
from "sl_id_customer_records_2"
where r is not null
group by r, "id_1", "id_2"
;

-- Events that are gone
-- grain: one row an event
/* sluice identity.customer.incremental.gone_rows */
create temp table "sl_id_customer_gone_rows" as
select f.k as row_hash, f.c as content_hash, f.r from "sl_id_customer_found_2" as f where f.was and f.k in (select k from "sl_id_customer_found_2" where not was)
;

-- Whether a key of an event stands twice
-- grain: one row
/* sluice identity.customer.incremental.check_rows */
select count(*) as repeated
from (
  select e.row_hash
  from (
    select row_hash, content_hash from "sluice"."customer_node_rows"
    where row_hash in (select row_hash from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "sl_id_customer_records_2"
) as c)
    union all
    select row_hash, content_hash from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "sl_id_customer_records_2"
) as c
  ) as e
  where not exists (
    select 1 from "sl_id_customer_gone_rows" as g where g.row_hash = e.row_hash and g.content_hash = e.content_hash
  )
  group by e.row_hash
  having min(e.content_hash) <> max(e.content_hash)
) as keys
;

-- Nodes that are no more
-- grain: one row a node
/* sluice identity.customer.incremental.left */
create temp table "sl_id_customer_left" as
select r from (
  select k as r from "sl_id_customer_found_1" where was and k not in (select r from "sl_id_customer_records_1")
) as records
union all
select g.r
from (select distinct r from "sl_id_customer_gone_rows" where r is not null) as g
where g.r not in (select r from (
  select r from "sl_id_customer_groups_2"
) as came)
  and g.r not in (
    select e.node_hash
    from "sluice"."customer_node_rows" as e
    where e.node_hash in (select r from "sl_id_customer_gone_rows" where r is not null)
      and not exists (
        select 1 from "sl_id_customer_gone_rows" as x
        where x.row_hash = e.row_hash and x.content_hash = e.content_hash
      )
  )
;

-- Nodes whose values in the state are no more theirs
-- grain: one row a hash
/* sluice identity.customer.incremental.unlinked */
create temp table "sl_id_customer_unlinked" as
select distinct r
from (
  select k as r from "sl_id_customer_found_1" where was
union all
select r from "sl_id_customer_left"
union all
select r from "sl_id_customer_loose"
) as listed
;

-- Nodes and rows that came, changed or went
-- grain: one row a hash
/* sluice identity.customer.incremental.stirred */
create temp table "sl_id_customer_stirred" as
select distinct r
from (
  select r from "sl_id_customer_unlinked"
union all
select r from "sl_id_customer_records_1"
union all
select r from "sl_id_customer_groups_2"
union all
select r from "sl_id_customer_gone_rows" where r is not null
union all
select row_hash as r from "sl_id_customer_gone_rows"
) as listed
;

-- The values that they held
-- grain: one row a node and value
/* sluice identity.customer.incremental.old_links */
create temp table "sl_id_customer_old_links" as
select r, t, x, y
from "sluice"."customer_node_ids"
where r in (select r from "sl_id_customer_stirred")
;

-- Nodes that are new or have changed
-- grain: one row a node
/* sluice identity.customer.incremental.came */
create temp table "sl_id_customer_came" as
select r, source, node_key, content_hash
from (
  select r, cast('contacts' as varchar) as source, "record_id" as node_key, content_hash as content_hash from "sl_id_customer_records_1"
) as records
union all
select r, source, node_key, content_hash
from (
  select r, cast('orders' as varchar) as source, md5(case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end) as node_key, cast(null as ubigint) as content_hash from "sl_id_customer_groups_2"
) as events
where r not in (select r from "sl_id_customer_old_links" where t > 0) or r in (select r from "sl_id_customer_loose")
;

-- The values that they hold
-- grain: one row a node and value
/* sluice identity.customer.incremental.came_links */
create temp table "sl_id_customer_came_links" as
select r, t, x, y
from (
  select r, 3 as t, "x_1" as x, "y_1" as y from "sl_id_customer_records_1" where "x_1" is not null
union all
select r, 4 as t, "x_2" as x, "y_2" as y from "sl_id_customer_records_1" where "x_2" is not null
union all
select r, 1 as t, "x_3" as x, "y_3" as y from "sl_id_customer_records_1" where "x_3" is not null
union all
select r, 1 as t, "x_4" as x, "y_4" as y from "sl_id_customer_records_1" where "x_4" is not null
union all
select r, 2 as t, "x_5" as x, "y_5" as y from "sl_id_customer_records_1" where "x_5" is not null
union all
select r, (-1) as t, hash('0|email|' || "ignored_3", '.' || '0|email|' || "ignored_3") as x, hash('0, second|email|' || "ignored_3", '.' || '0, second|email|' || "ignored_3") as y from "sl_id_customer_records_1" where "ignored_3" is not null
union all
select r, (-1) as t, hash('0|email|' || "ignored_4", '.' || '0|email|' || "ignored_4") as x, hash('0, second|email|' || "ignored_4", '.' || '0, second|email|' || "ignored_4") as y from "sl_id_customer_records_1" where "ignored_4" is not null
union all
select r, 1 as t, "x_1" as x, "y_1" as y from "sl_id_customer_groups_2" where "x_1" is not null
union all
select r, 2 as t, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
union all
select row_hash as r, (-1) as t, hash('0|email|' || "ignored_1", '.' || '0|email|' || "ignored_1") as x, hash('0, second|email|' || "ignored_1", '.' || '0, second|email|' || "ignored_1") as y from "sl_id_customer_records_2" where "ignored_1" is not null
) as held
where t < 0 or r in (select r from "sl_id_customer_came")
;

-- What linked nothing in the last build
-- grain: one row a value
/* sluice identity.customer.incremental.refused_before */
create temp table "sl_id_customer_refused_before" as
select case identifier when cast('email' as varchar) then 1 when cast('phone' as varchar) then 2 when cast('born' as varchar) then 3 when cast('code' as varchar) then 4 end * case reason when 'ignore' then -1 else 1 end as t,
  hash('0|' || identifier || '|' || value, '.' || '0|' || identifier || '|' || value) as x, hash('0, second|' || identifier || '|' || value, '.' || '0, second|' || identifier || '|' || value) as y, value, records
from "sluice"."customer_refused"
;

-- Values whose holders are not the same
-- grain: one row a value
/* sluice identity.customer.incremental.moved_values */
create temp table "sl_id_customer_moved_values" as
select s.t, s.x, s.y, s.change, b.records as before,
  s.t > 0 and (b.records is null or b.records + s.change <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end) as counted
from (
  select t, x, y, sum(n) as change
  from (
    select t, x, y, 1 as n from "sl_id_customer_came_links"
    union all
    select t, x, y, -1 as n from "sl_id_customer_old_links"
    where r in (select r from "sl_id_customer_unlinked")
      or t < 0 and r in (select row_hash from "sl_id_customer_gone_rows")
  ) as one
  group by t, x, y
) as s
left join "sl_id_customer_refused_before" as b on b.t = s.t and b.x = s.x and b.y = s.y
;

-- Whether two nodes share a hash
-- grain: one row
/* sluice identity.customer.incremental.check_came */
select
  (select count(*) - count(distinct r) from "sl_id_customer_came")
  + (
    select count(*) from "sl_id_customer_came"
    where r in (select r from "sl_id_customer_old_links" where t > 0) and r not in (select r from "sl_id_customer_unlinked")
  )
  + (
    select count(*)
    from (select r, t, x, y from (
  select r, 1 as t, "x_1" as x, "y_1" as y from "sl_id_customer_groups_2" where "x_1" is not null
union all
select r, 2 as t, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
) as held where r not in (select r from "sl_id_customer_came")) as g
    full outer join (
      select r, t, x, y from "sl_id_customer_old_links"
      where t > 0 and r in (select r from (
  select r, 1 as t, "x_1" as x, "y_1" as y from "sl_id_customer_groups_2" where "x_1" is not null
union all
select r, 2 as t, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
) as held where r not in (select r from "sl_id_customer_came"))
    ) as o on o.r = g.r and o.t = g.t and o.x = g.x and o.y = g.y
    where g.r is null or o.r is null
  ) as collisions
;

-- Who holds the values that moved
-- grain: one row a node and value
/* sluice identity.customer.incremental.holders */
create temp table "sl_id_customer_holders" as
select l.r, l.t, l.x, l.y
from "sluice"."customer_node_ids" as l
join "sl_id_customer_moved_values" as v on v.x = l.x and v.y = l.y and v.t = l.t
where v.counted and l.r not in (select r from "sl_id_customer_unlinked")
union all
select c.r, c.t, c.x, c.y
from "sl_id_customer_came_links" as c
join "sl_id_customer_moved_values" as v on v.x = c.x and v.y = c.y and v.t = c.t
where v.counted
;

-- How many hold them
-- grain: one row a value
/* sluice identity.customer.incremental.counts */
create temp table "sl_id_customer_counts" as
select v.t, v.x, v.y,
  case when v.counted then coalesce(h.records, 0) else coalesce(v.before, 0) + v.change end as records
from "sl_id_customer_moved_values" as v
left join (
  select t, x, y, count(*) as records
  from "sl_id_customer_holders"
  group by t, x, y
) as h on h.t = v.t and h.x = v.x and h.y = v.y
;

-- Values that too many hold
-- grain: one row a value
/* sluice identity.customer.incremental.over */
create temp table "sl_id_customer_over" as
select s.t, s.x, s.y
from "sl_id_customer_counts" as s
where s.t > 0 and s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
union all
select b.t, b.x, b.y
from "sl_id_customer_refused_before" as b
where b.t > 0
  and not exists (select 1 from "sl_id_customer_counts" as c where c.t = b.t and c.x = b.x and c.y = b.y)
;

-- Nodes of the state that are touched
-- grain: one row a node
/* sluice identity.customer.incremental.near */
create temp table "sl_id_customer_near" as
select node_hash, entity_hash
from "sluice"."customer_nodes"
where node_hash in (
  select r from "sl_id_customer_stirred"
  union all
  select r from "sl_id_customer_holders"
)
;

-- Events that were nobody's and may not be
-- grain: one row a node
/* sluice identity.customer.incremental.loose */
create temp table "sl_id_customer_loose" as
select distinct h.r
from "sl_id_customer_holders" as h
where h.r not in (select node_hash from "sl_id_customer_near") and h.r not in (select r from "sl_id_customer_came")
;

-- Looks at those of orders again
-- grain: one row an event and direction
/* sluice identity.customer.incremental.loose_rows_orders */
insert into "sl_id_customer_found_2" (k, c, r, was, stands)
select e.row_hash as k, e.content_hash as c, e.node_hash as r, kind.was, not kind.was as stands
from "sluice"."customer_node_rows" as e
cross join (select true as was union all select false as was) as kind
where e.source = cast('orders' as varchar) and e.node_hash in (select r from "sl_id_customer_loose")
;

-- Entities that may fall apart
-- grain: one row an entity
/* sluice identity.customer.incremental.broken */
create temp table "sl_id_customer_broken" as
select distinct entity_hash
from "sl_id_customer_near"
where node_hash in (
  select r from "sl_id_customer_unlinked"
  union all
  select r from "sl_id_customer_gone_rows" where r is not null
  union all
  select h.r from "sl_id_customer_holders" as h join "sl_id_customer_over" as o on o.t = h.t and o.x = h.x and o.y = h.y
)
;

-- Nodes that are solved again
-- grain: one row a node
/* sluice identity.customer.incremental.touched */
create temp table "sl_id_customer_touched" as
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor,
  true as whole
from "sluice"."customer_nodes"
where entity_hash in (select entity_hash from "sl_id_customer_broken")
union all
select cast(null as varchar) as source, cast(null as varchar) as node_key, first_run, rank_hash, entity_id as owned_id, entity_id,
  node_hash, entity_hash, cast(null as ubigint) as content_hash, is_anchor, false as whole
from "sluice"."customer_nodes"
where is_anchor and entity_hash in (
  select entity_hash from "sl_id_customer_near" where entity_hash not in (select entity_hash from "sl_id_customer_broken")
)
;

-- Whether two nodes or entities share a hash
-- grain: one row
/* sluice identity.customer.incremental.check_touched */
select
  (
    select count(*)
    from "sl_id_customer_came"
    where r in (select node_hash from "sl_id_customer_near") and r not in (select r from "sl_id_customer_unlinked")
  )
  + (
    select count(*)
    from "sl_id_customer_came" as c
    join "sl_id_customer_touched" as n on n.node_hash = c.r
    where n.source <> c.source or n.node_key <> c.node_key
  )
  + (select count(*) - count(distinct entity_hash) from "sl_id_customer_touched" where is_anchor) as collisions
;

-- The values that link these nodes
-- grain: one row a node and value
/* sluice identity.customer.incremental.graph_links */
create temp table "sl_id_customer_graph_links" as
select l.r, l.t, l.x, l.y
from (
  select r, t, x, y
  from "sluice"."customer_node_ids"
  where t > 0 and r in (select node_hash from "sl_id_customer_touched" where whole) and r not in (select r from "sl_id_customer_unlinked")
  union all
  select r, t, x, y
  from "sl_id_customer_came_links"
  where t > 0
  union all
  select distinct a.node_hash as r, h.t, h.x, h.y
  from "sl_id_customer_holders" as h
  join "sl_id_customer_near" as n on n.node_hash = h.r
  join "sl_id_customer_touched" as a on a.entity_hash = n.entity_hash
  where not a.whole
) as l
where not exists (select 1 from "sl_id_customer_over" as o where o.t = l.t and o.x = l.x and o.y = l.y)
;

-- The nodes whose entities are asked for
-- grain: one row a node
/* sluice identity.customer.incremental.graph_nodes */
create temp table "sl_id_customer_graph_nodes" as
select node_hash as r, source, node_key, content_hash
from "sl_id_customer_touched"
where not whole
union all
select r, source, node_key, content_hash
from (
  select node_hash as r, source, node_key, content_hash
  from "sl_id_customer_touched"
  where whole and node_hash not in (select r from "sl_id_customer_unlinked")
  union all
  select r, source, node_key, content_hash
  from "sl_id_customer_came"
) as n
where source not in (cast('orders' as varchar)) or r in (select r from "sl_id_customer_graph_links")
;

-- Which records share a value
-- grain: one row an identifier value that two records or more hold
/* sluice identity.customer.incremental.stars */
create temp table "sl_id_customer_stars" as
select x, y, 1 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "sl_id_customer_graph_links" where t = 1) as i
group by x, y
having count(*) > 1
union all
select x, y, 2 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "sl_id_customer_graph_links" where t = 2) as i
group by x, y
having count(*) > 1
union all
select x, y, 3 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "sl_id_customer_graph_links" where t = 3) as i
group by x, y
having count(*) > 1
union all
select x, y, 4 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "sl_id_customer_graph_links" where t = 4) as i
group by x, y
having count(*) > 1
;

-- Identifiers become edges between records
-- grain: one row a pair of records that are joined
/* sluice identity.customer.incremental.edges */
create temp table "sl_id_customer_edges_0" as
select distinct u, w
from (
  select s.high as u, s.low as w
  from "sl_id_customer_stars" as s
  where s.records = 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  union all
  select i.r as u, s.low as w
  from (select r, x, y from "sl_id_customer_graph_links") as i
  join "sl_id_customer_stars" as s on s.x = i.x and s.y = i.y
  where s.records > 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end and i.r <> s.low
) as joined
;

-- Hooks each record to its least smaller neighbour
-- grain: one row a record that has a smaller neighbour
/* sluice identity.customer.incremental.round_1_hook */
create temp table "sl_id_customer_hooks_1" as
with hooked as (
  select u as v, min(w) as r
  from "sl_id_customer_edges_0"
  group by u
)
select a.v, coalesce(b.r, a.r) as r
from hooked as a
left join hooked as b on b.v = a.r
;

-- Moves the edges to where their ends hooked
-- grain: one row a pair of records that are joined
/* sluice identity.customer.incremental.round_1_contract */
create temp table "sl_id_customer_edges_1" as
select distinct case when a > b then a else b end as u, case when a > b then b else a end as w
from (
  select coalesce(h.r, e.u) as a, coalesce(k.r, e.w) as b
  from "sl_id_customer_edges_0" as e
  left join "sl_id_customer_hooks_1" as h on h.v = e.u
  left join "sl_id_customer_hooks_1" as k on k.v = e.w
) as moved
where a <> b
;

-- What the last build knew of these nodes
-- grain: one row a node
/* sluice identity.customer.incremental.former */
create temp table "sl_id_customer_former" as
select node_hash as r, first_run, rank_hash, owned_id, entity_id
from "sl_id_customer_touched"
where node_hash in (select r from "sl_id_customer_graph_nodes")
;

-- Where an anchor is gone the next member inherits rank and id
-- grain: one row an entity whose anchor is gone
/* sluice identity.customer.incremental.heirs */
create temp table "sl_id_customer_heirs" as
with gone as (
  select s.entity_id, s.first_run, s.rank_hash
  from "sl_id_customer_touched" as s
  left join "sl_id_customer_former" as k on k.owned_id = s.owned_id and k.entity_id = s.entity_id
  where s.owned_id = s.entity_id and k.r is null
),
members as (
  select k.r, k.entity_id, row_number() over (
    partition by k.entity_id
    order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  ) as place
  from "sl_id_customer_former" as k
  where k.entity_id in (select entity_id from gone)
)
select m.r, g.first_run, g.rank_hash, g.entity_id
from members as m
join gone as g on g.entity_id = m.entity_id
where m.place = 1
;

-- When each record was first seen, which id it owns, and the anchor of its component
-- grain: one row a record
/* sluice identity.customer.incremental.known */
create temp table "sl_id_customer_known" as
select k.r, k.first_run, k.rank_hash, k.owned_id, k.former_id, first_value(k.r) over (
  partition by k.c
  order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  rows between unbounded preceding and current row
) as anchor
from (
  select n.r, coalesce(l.r, n.r) as c, coalesce(h.first_run, f.first_run, cast(2 as bigint)) as first_run, coalesce(h.rank_hash, f.rank_hash, n.r) as rank_hash,
    coalesce(h.entity_id, f.owned_id) as owned_id, f.entity_id as former_id
  from "sl_id_customer_graph_nodes" as n
  left join "sl_id_customer_hooks_1" as l on l.v = n.r
  left join "sl_id_customer_former" as f on f.r = n.r
  left join "sl_id_customer_heirs" as h on h.r = n.r
) as k
;

-- The anchor of each entity, and its id
-- grain: one row an entity
/* sluice identity.customer.incremental.anchors */
create temp table "sl_id_customer_anchors" as
select k.r, coalesce(k.owned_id, md5('customer|' || n.source || '|' || n.node_key || '|' || cast(k.first_run as varchar))) as entity_id
from "sl_id_customer_graph_nodes" as n
join "sl_id_customer_known" as k on k.r = n.r
where k.anchor = k.r
;

-- What the next build must know of this one
-- grain: one row a record
/* sluice identity.customer.incremental.nodes_out */
create temp table "sl_id_customer_nodes_in" as
select n.source, n.node_key, k.first_run, k.rank_hash,
  case when k.anchor = k.r then a.entity_id else k.owned_id end as owned_id,
  a.entity_id, n.r as node_hash, hash(a.entity_id, '.' || a.entity_id) as entity_hash, n.content_hash, k.anchor = k.r as is_anchor
from "sl_id_customer_graph_nodes" as n
left join "sl_id_customer_known" as k on k.r = n.r
left join "sl_id_customer_anchors" as a on a.r = k.anchor
;

-- Records that changed their entity
-- grain: one row a pair of entities
/* sluice identity.customer.incremental.moves */
create temp table "sl_id_customer_moves" as
select m.from_id, m.into_id, l.entity_id is not null as alive
from (
  select distinct k.former_id as from_id, a.entity_id as into_id
  from "sl_id_customer_known" as k
  join "sl_id_customer_anchors" as a on a.r = k.anchor
  where k.former_id <> a.entity_id
) as m
left join "sl_id_customer_anchors" as l on l.entity_id = m.from_id
;

-- Entities that ended in another
-- grain: one row a pair of entities and a run
/* sluice identity.customer.incremental.merges */
create temp table "sl_id_customer_merges_in" as

select m.from_id, m.into_id, cast('run' as varchar) as run_id, timestamp '2026-01-31 08:00:00.000' as merged_at
from "sl_id_customer_moves" as m
where not m.alive
;

-- Entities that lost records to another and still are
-- grain: one row a pair of entities and a run
/* sluice identity.customer.incremental.splits */
create temp table "sl_id_customer_splits_in" as

select m.from_id, m.into_id, cast('run' as varchar) as run_id, timestamp '2026-01-31 08:00:00.000' as split_at
from "sl_id_customer_moves" as m
where m.alive
;

-- Entities that are not as they were
-- grain: one row an entity
/* sluice identity.customer.incremental.touched_entities */
create temp table "sl_id_customer_touched_entities" as
select entity_id, max(was) = 1 as was
from (
  select entity_id, 1 as was from "sl_id_customer_touched"
  union all
  select entity_id, 0 as was from "sl_id_customer_anchors"
) as t
group by entity_id
;

-- Entities that ended in another as a whole
-- grain: one row an entity
/* sluice identity.customer.incremental.moved_entities */
create temp table "sl_id_customer_moved_entities" as
select t.entity_id as from_id, t.entity_hash as from_hash, n.entity_id, n.entity_hash
from "sl_id_customer_touched" as t
join "sl_id_customer_nodes_in" as n on n.node_hash = t.node_hash
where not t.whole and n.entity_id <> t.entity_id
;

-- Their nodes
-- grain: one row a node
/* sluice identity.customer.incremental.moved_nodes */
create temp table "sl_id_customer_moved_nodes" as
select n.source, n.node_key, n.first_run, n.rank_hash, n.owned_id, m.entity_id, n.node_hash, m.entity_hash,
  n.content_hash, false as is_anchor
from "sluice"."customer_nodes" as n
join "sl_id_customer_moved_entities" as m on m.from_hash = n.entity_hash
;

-- Nodes that are not as they were
-- grain: one row a node
/* sluice identity.customer.incremental.nodes_delta */
create temp table "sl_id_customer_nodes_delta" as
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor
from "sl_id_customer_nodes_in"
where node_hash not in (select node_hash from "sl_id_customer_touched" where not whole)
union all
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor
from "sl_id_customer_moved_nodes"
;

-- Entities whose records are told anew
-- grain: one row an entity
/* sluice identity.customer.incremental.replaced */
create temp table "sl_id_customer_replaced" as
select entity_id
from "sl_id_customer_touched"
where whole
union
select from_id as entity_id
from "sl_id_customer_moved_entities"
;

-- What their records were
-- grain: one row a record
/* sluice identity.customer.incremental.touched_rows */
create temp table "sl_id_customer_touched_rows" as
select source, record_id
from "sluice"."customer_identity"
where "customer_id" in (select entity_id from "sl_id_customer_replaced")
;

-- What their nodes are part of
-- grain: one row a node
/* sluice identity.customer.incremental.node_entities */
create temp table "sl_id_customer_node_entities" as
select node_hash, entity_id
from "sl_id_customer_nodes_delta"
union
select n.node_hash, i.entity_id
from "sl_id_customer_near" as n
join "sl_id_customer_touched" as a on a.entity_hash = n.entity_hash
join "sl_id_customer_nodes_in" as i on i.node_hash = a.node_hash
where not a.whole
;

-- Events that are new, and those of these entities
-- grain: one row an event
/* sluice identity.customer.incremental.event_rows */
create temp table "sl_id_customer_event_rows" as
select source, record_id, r
from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "sl_id_customer_records_2"
) as c
where record_id is not null and r is not null
union all
select i.source, i.record_id, e.node_hash as r
from (
  select source, record_id, hash('0|orders, row|' || "record_id", '.' || '0|orders, row|' || "record_id") as row_hash from "sl_id_customer_touched_rows" where source = 'orders'
) as i
join "sluice"."customer_node_rows" as e on e.row_hash = i.row_hash
where e.node_hash is not null
  and not exists (
    select 1 from "sl_id_customer_gone_rows" as g where g.row_hash = e.row_hash and g.content_hash = e.content_hash
  )
;

-- Records that are new, and those of entities that are told anew
-- grain: one row a record
/* sluice identity.customer.incremental.identity_in */
create temp table "sl_id_customer_identity_in" as
select source, node_key as record_id, entity_id as "customer_id"
from "sl_id_customer_nodes_delta"
where source not in (cast('orders' as varchar))
union all
select e.source, e.record_id, min(n.entity_id) as "customer_id"
from "sl_id_customer_event_rows" as e
join "sl_id_customer_node_entities" as n on n.node_hash = e.r
group by e.source, e.record_id
;

-- Values that link nothing, and why
-- grain: one row a value and reason
/* sluice identity.customer.incremental.refused_in */
create temp table "sl_id_customer_refused_in" as
select identifier, sha256(value) as value_hash, value, reason, records
from (
  select case abs(s.t) when 1 then cast('email' as varchar) when 2 then cast('phone' as varchar) when 3 then cast('born' as varchar) when 4 then cast('code' as varchar) end as identifier, coalesce(b.value, v.value) as value,
    case when s.t < 0 then 'ignore' else 'max_records' end as reason, cast(s.records as bigint) as records
  from "sl_id_customer_counts" as s
  left join "sl_id_customer_refused_before" as b on b.t = s.t and b.x = s.x and b.y = s.y
  left join (
    select t, x, y, min(value) as value
    from (
  select 3 as t, hash('0|born|' || "id_1", '.' || '0|born|' || "id_1") as x, hash('0, second|born|' || "id_1", '.' || '0, second|born|' || "id_1") as y, "id_1" as value from "sl_id_customer_records_1" where "id_1" is not null
union all
select 4 as t, hash('0|code|' || "id_2", '.' || '0|code|' || "id_2") as x, hash('0, second|code|' || "id_2", '.' || '0, second|code|' || "id_2") as y, "id_2" as value from "sl_id_customer_records_1" where "id_2" is not null
union all
select 1 as t, hash('0|email|' || "id_3", '.' || '0|email|' || "id_3") as x, hash('0, second|email|' || "id_3", '.' || '0, second|email|' || "id_3") as y, "id_3" as value from "sl_id_customer_records_1" where "id_3" is not null
union all
select (-1) as t, hash('0|email|' || "ignored_3", '.' || '0|email|' || "ignored_3") as x, hash('0, second|email|' || "ignored_3", '.' || '0, second|email|' || "ignored_3") as y, "ignored_3" as value from "sl_id_customer_records_1" where "ignored_3" is not null
union all
select 1 as t, hash('0|email|' || "id_4", '.' || '0|email|' || "id_4") as x, hash('0, second|email|' || "id_4", '.' || '0, second|email|' || "id_4") as y, "id_4" as value from "sl_id_customer_records_1" where "id_4" is not null
union all
select (-1) as t, hash('0|email|' || "ignored_4", '.' || '0|email|' || "ignored_4") as x, hash('0, second|email|' || "ignored_4", '.' || '0, second|email|' || "ignored_4") as y, "ignored_4" as value from "sl_id_customer_records_1" where "ignored_4" is not null
union all
select 2 as t, hash('0|phone|' || "id_5", '.' || '0|phone|' || "id_5") as x, hash('0, second|phone|' || "id_5", '.' || '0, second|phone|' || "id_5") as y, "id_5" as value from "sl_id_customer_records_1" where "id_5" is not null
union all
select 1 as t, hash('0|email|' || "id_1", '.' || '0|email|' || "id_1") as x, hash('0, second|email|' || "id_1", '.' || '0, second|email|' || "id_1") as y, "id_1" as value from "sl_id_customer_groups_2" where "id_1" is not null
union all
select (-1) as t, hash('0|email|' || "ignored_1", '.' || '0|email|' || "ignored_1") as x, hash('0, second|email|' || "ignored_1", '.' || '0, second|email|' || "ignored_1") as y, "ignored_1" as value from "sl_id_customer_records_2" where "ignored_1" is not null
union all
select 2 as t, hash('0|phone|' || "id_2", '.' || '0|phone|' || "id_2") as x, hash('0, second|phone|' || "id_2", '.' || '0, second|phone|' || "id_2") as y, "id_2" as value from "sl_id_customer_groups_2" where "id_2" is not null
) as c
    group by t, x, y
  ) as v on v.t = s.t and v.x = s.x and v.y = s.y
  where s.t < 0 and s.records > 0 or s.t > 0 and s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
) as refused
;

-- What the last build told of them
-- grain: one row a value and reason
/* sluice identity.customer.incremental.refused_out */
create temp table "sl_id_customer_refused_out" as
select case abs(b.t) when 1 then cast('email' as varchar) when 2 then cast('phone' as varchar) when 3 then cast('born' as varchar) when 4 then cast('code' as varchar) end as identifier, b.value,
  case when b.t < 0 then 'ignore' else 'max_records' end as reason
from "sl_id_customer_refused_before" as b
where exists (select 1 from "sl_id_customer_counts" as c where c.t = b.t and c.x = b.x and c.y = b.y)
;

-- How many entities are touched
-- grain: one row
/* sluice identity.customer.incremental.check_delta */
select count(*) as touched, sum(case when was then 1 else 0 end) as was,
  (select count(*) from "sl_id_customer_touched" where whole) as whole
from "sl_id_customer_touched_entities"
;

-- Each record of each source with its entity
-- grain: one row a record
/* sluice identity.customer.incremental.current */
create temp table "sl_id_customer_current" as
select source, record_id, "customer_id"
from "sluice"."customer_identity" as i
where not exists (
  select 1 from "sl_id_customer_replaced" as t where t.entity_id = i."customer_id"
)
union all
select source, record_id, "customer_id"
from "sl_id_customer_identity_in"
;

-- Takes what is not so any more out of nodes
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_nodes */
delete from "sluice"."customer_nodes"
where node_hash in (select node_hash from "sl_id_customer_touched" where whole union all select node_hash from "sl_id_customer_nodes_delta")
;

-- Adds what is new to nodes
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_nodes */
insert into "sluice"."customer_nodes" ("source", "node_key", "first_run", "rank_hash", "owned_id", "entity_id", "node_hash", "entity_hash", "content_hash", "is_anchor")
select "source", "node_key", "first_run", "rank_hash", "owned_id", "entity_id", "node_hash", "entity_hash", "content_hash", "is_anchor" from "sl_id_customer_nodes_delta"
;

-- Takes what is not so any more out of node_ids
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_node_ids */
delete from "sluice"."customer_node_ids"
where r in (select r from "sl_id_customer_unlinked" union all select row_hash from "sl_id_customer_gone_rows")
;

-- Adds what is new to node_ids
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_node_ids */
insert into "sluice"."customer_node_ids" ("r", "t", "x", "y")
select "r", "t", "x", "y" from "sl_id_customer_came_links"
;

-- Takes what is not so any more out of node_rows
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_node_rows */
delete from "sluice"."customer_node_rows"
where exists (select 1 from "sl_id_customer_gone_rows" as g where g."row_hash" = "customer_node_rows"."row_hash" and g."content_hash" = "customer_node_rows"."content_hash")
;

-- Adds what is new to node_rows
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_node_rows */
insert into "sluice"."customer_node_rows" (source, row_hash, content_hash, node_hash)
select source, row_hash, content_hash, r from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "sl_id_customer_records_2"
) as c
;

-- Takes what is not so any more out of identity
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_identity */
delete from "sluice"."customer_identity"
where "customer_id" in (select entity_id from "sl_id_customer_replaced")
;

-- Adds what is new to identity
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_identity */
insert into "sluice"."customer_identity" ("source", "record_id", "customer_id")
select "source", "record_id", "customer_id" from "sl_id_customer_identity_in"
;

-- Adds what is new to merges
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_merges */
insert into "sluice"."customer_merges" ("from_id", "into_id", "run_id", "merged_at")
select "from_id", "into_id", "run_id", "merged_at" from "sl_id_customer_merges_in"
;

-- Adds what is new to splits
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_splits */
insert into "sluice"."customer_splits" ("from_id", "into_id", "run_id", "split_at")
select "from_id", "into_id", "run_id", "split_at" from "sl_id_customer_splits_in"
;

-- Takes what is not so any more out of refused
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_refused */
delete from "sluice"."customer_refused"
where exists (select 1 from "sl_id_customer_refused_out" as g where g."identifier" = "customer_refused"."identifier" and g."value" = "customer_refused"."value" and g."reason" = "customer_refused"."reason")
;

-- Adds what is new to refused
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_refused */
insert into "sluice"."customer_refused" ("identifier", "value_hash", "value", "reason", "records")
select "identifier", "value_hash", "value", "reason", "records" from "sl_id_customer_refused_in"
;

-- Says what the state is of now
-- grain: one row a row that changes
/* sluice identity.customer.incremental.publish_stitch */
update "sluice"."customer_stitch"
set as_of = timestamp '2026-01-31 08:00:00.000', records = 1, entities = 1
where true
;
