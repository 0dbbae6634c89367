-- How the state was made
-- grain: one row
/* sluice identity.customer.incremental.stitch */
select form, engine, rules, salt, as_of, records, entities, repeated_keys from "SLUICE"."CUSTOMER_STITCH"
;

-- Whether each value that was refused is known
-- grain: one row
/* sluice identity.customer.incremental.check_refused */
select count(*) - count(value) as textless from "SLUICE"."CUSTOMER_REFUSED"
;

-- Reads contacts as hashes
-- grain: one row a row of contacts
/* sluice identity.customer.incremental.seen_contacts */
create temporary table "SL_ID_CUSTOMER_SEEN_1" as
select row_hash as k, content_hash as c
from (select *, hash("RECORD_ID", "A_1_1", "A_1_2", "A_2_1", "A_3_1", "A_4_1", "A_5_1") as content_hash, case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end as row_hash
  from (select replace(replace(cast("X"."TENANT" as varchar), '\\', '\\\\'), '|', '\\|') || '|' || replace(replace(cast("X"."ID" as varchar), '\\', '\\\\'), '|', '\\|') as record_id,
  cast(x."LAST_NAME" as varchar) as "A_1_1",
  cast(x."BIRTH_DATE" as varchar) as "A_1_2",
  cast((upper(code)
) as varchar) as "A_2_1",
  cast(x."MAIL" as varchar) as "A_3_1",
  cast(x."WORK_MAIL" as varchar) as "A_4_1",
  cast(x."MOBILE" as varchar) as "A_5_1"
from "CRM"."CONTACTS" as x
where true) as ids) as ids
;

-- What is new, changed or gone in contacts
-- grain: one row a row that is not as it was
/* sluice identity.customer.incremental.found_contacts */
create temporary table "SL_ID_CUSTOMER_FOUND_1" as
select coalesce(s.k, n.node_hash) as k, coalesce(s.c, n.content_hash) as c, n.node_hash as r,
  n.node_hash is not null as was, s.k is not null as stands
from "SL_ID_CUSTOMER_SEEN_1" as s
full outer join (
  select node_hash, content_hash
  from "SLUICE"."CUSTOMER_NODES"
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
  (select count(*) from "SLUICE"."CUSTOMER_NODES" where source = cast('contacts' as varchar)) as stored
from (
  select k, sum(case when was then 1 else 0 end) as was, sum(case when stands then 1 else 0 end) as stands,
    sum(case when stands and not was then 1 else 0 end) as fresh_rows
  from "SL_ID_CUSTOMER_FOUND_1"
  group by k
) as keys
;

-- Reads orders as hashes
-- grain: one row a row of orders
/* sluice identity.customer.incremental.seen_orders */
create temporary table "SL_ID_CUSTOMER_SEEN_2" as
select row_hash as k, content_hash as c
from (select *, hash("RECORD_ID", "A_1_1", "A_2_1") as content_hash, case when record_id is null then hash("RECORD_ID", "A_1_1", "A_2_1") else hash('0|orders, row|' || "RECORD_ID") end as row_hash
  from (select replace(replace(cast("X"."ID" as varchar), '\\', '\\\\'), '|', '\\|') as record_id,
  cast(x."BUYER" as varchar) as "A_1_1",
  cast(x."PHONE" as varchar) as "A_2_1"
from "SHOP"."ORDERS" as x
where (cast(convert_timezone('UTC', cast("X"."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2026-01-31 08:00:00.000' as timestamp_ntz(6))) is distinct from true) as ids) as ids
;

-- What is new, changed or gone in orders
-- grain: one row a row that is not as it was
/* sluice identity.customer.incremental.found_orders */
create temporary table "SL_ID_CUSTOMER_FOUND_2" as
select coalesce(s.k, e.row_hash) as k, coalesce(s.c, e.content_hash) as c, e.node_hash as r,
  e.row_hash is not null as was, s.k is not null as stands
from "SL_ID_CUSTOMER_SEEN_2" as s
full outer join (
  select row_hash, content_hash, node_hash
  from "SLUICE"."CUSTOMER_NODE_ROWS"
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
  (select count(*) from "SLUICE"."CUSTOMER_NODE_ROWS" where source = cast('orders' as varchar)) as stored
from (
  select k, sum(case when was then 1 else 0 end) as was, sum(case when stands then 1 else 0 end) as stands,
    sum(case when stands and not was then 1 else 0 end) as fresh_rows
  from "SL_ID_CUSTOMER_FOUND_2"
  group by k
) as keys
;

-- No event is known to belong to an entity again
-- grain: no row
/* sluice identity.customer.incremental.none_loose */
create temporary table "SL_ID_CUSTOMER_LOOSE" as
select cast(null as number(19, 0)) as "R" from (select 1 as one) as one where 1 = 0
;

-- Values that identify nobody, normalised
-- grain: one row a value of the project
/* sluice identity.customer.incremental.ignored */
create temporary table "SL_ID_CUSTOMER_IGNORED" as
select 1 as t, nullif(lower(trim(cast('n/a' as varchar), ' 	
')), '') as value
;

-- Reads contacts and normalises its identifiers
-- grain: one row a row of contacts
/* sluice identity.customer.incremental.records_contacts */
create temporary table "SL_ID_CUSTOMER_RECORDS_1" as
select record_id, r, content_hash,
  "ID_1",
  "ID_2",
  "ID_3",
  "ID_4",
  "ID_5",
  case when "ID_1" is not null then hash('0|born|' || "ID_1") end as "X_1",
  hash('0, second|born|' || "ID_1") as "Y_1",
  case when "ID_2" is not null then hash('0|code|' || "ID_2") end as "X_2",
  hash('0, second|code|' || "ID_2") as "Y_2",
  case when "ID_3" is not null then hash('0|email|' || "ID_3") end as "X_3",
  hash('0, second|email|' || "ID_3") as "Y_3",
  case when "ID_4" is not null then hash('0|email|' || "ID_4") end as "X_4",
  hash('0, second|email|' || "ID_4") as "Y_4",
  case when "ID_5" is not null then hash('0|phone|' || "ID_5") end as "X_5",
  hash('0, second|phone|' || "ID_5") as "Y_5",
  "IGNORED_3",
  "IGNORED_4"
from (select record_id,
  "ROW_HASH" as r,
  row_hash, content_hash,
  "ID_1", "ID_2", "ID_3", "ID_4", "ID_5", "IGNORED_3", "IGNORED_4"
from (select record_id, row_hash, content_hash, "ID_1", "ID_2", "ID_5", "IGNORED_3", "IGNORED_4", nullif("ID_3", '') as "ID_3", nullif("ID_4", '') as "ID_4"
  from (select record_id, row_hash, content_hash, "ID_1", "ID_2", "ID_5", "IGNORED_3", "IGNORED_4", case when "ID_3" <= "ID_4" then "ID_3" else "ID_4" end as "ID_3", case when "ID_4" >= "ID_3" then "ID_4" else "ID_3" end as "ID_4"
  from (select record_id, row_hash, content_hash, "ID_1", "ID_2", "ID_5", "IGNORED_3", "IGNORED_4", coalesce("ID_3", '') as "ID_3", case when "ID_4" is null or "ID_4" in ("ID_3") then '' else "ID_4" end as "ID_4"
  from (select record_id, row_hash, content_hash, "ID_1", "ID_2", case when "ID_3" in (select value from "SL_ID_CUSTOMER_IGNORED" where t = 1 and value is not null) then null else "ID_3" end as "ID_3", case when "ID_4" in (select value from "SL_ID_CUSTOMER_IGNORED" where t = 1 and value is not null) then null else "ID_4" end as "ID_4", "ID_5", case when "ID_3" in (select value from "SL_ID_CUSTOMER_IGNORED" where t = 1 and value is not null) then "ID_3" end as "IGNORED_3", case when "ID_4" in (select value from "SL_ID_CUSTOMER_IGNORED" where t = 1 and value is not null) then "ID_4" end as "IGNORED_4"
  from (select record_id, row_hash, content_hash, replace(replace("A_1_1", '\\', '\\\\'), '|', '\\|') || '|' || replace(replace("A_1_2", '\\', '\\\\'), '|', '\\|') as "ID_1", "A_2_1" as "ID_2", "A_3_1" as "ID_3", "A_4_1" as "ID_4", "A_5_1" as "ID_5"
  from (select record_id, row_hash, content_hash, "A_1_1" as "A_1_1", "A_1_2" as "A_1_2", "A_2_1" as "A_2_1", "A_3_1" as "A_3_1", "A_4_1" as "A_4_1", case when length("A_5_1") between 8 and 15 then '+' || "A_5_1" end as "A_5_1"
  from (select record_id, row_hash, content_hash, "A_1_1" as "A_1_1", "A_1_2" as "A_1_2", "A_2_1" as "A_2_1", "A_3_1" as "A_3_1", "A_4_1" as "A_4_1", case when startswith("A_5_1", '+') then substring("A_5_1", 2)
    when startswith("A_5_1", '00') then substring("A_5_1", 3)
    else '33' || case when startswith("A_5_1", '0') then substring("A_5_1", 2) else "A_5_1" end end as "A_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower(trim("A_1_1", ' 	
')), '') as "A_1_1", nullif(lower(trim("A_1_2", ' 	
')), '') as "A_1_2", case when "A_2_1" >= '!' then "A_2_1" when trim("A_2_1", ' 	
') <> '' then "A_2_1" end as "A_2_1", nullif(lower(trim("A_3_1", ' 	
')), '') as "A_3_1", nullif(lower(trim("A_4_1", ' 	
')), '') as "A_4_1", case when (regexp_instr("A_5_1", '(^[^0-9]*\\+)') > 0) then '+' else '' end || regexp_replace("A_5_1", '[^0-9]', '') as "A_5_1"
  from (select *, hash("RECORD_ID", "A_1_1", "A_1_2", "A_2_1", "A_3_1", "A_4_1", "A_5_1") as content_hash, case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end as row_hash
  from (select *
  from (select replace(replace(cast("X"."TENANT" as varchar), '\\', '\\\\'), '|', '\\|') || '|' || replace(replace(cast("X"."ID" as varchar), '\\', '\\\\'), '|', '\\|') as record_id,
  cast(x."LAST_NAME" as varchar) as "A_1_1",
  cast(x."BIRTH_DATE" as varchar) as "A_1_2",
  cast((upper(code)
) as varchar) as "A_2_1",
  cast(x."MAIL" as varchar) as "A_3_1",
  cast(x."WORK_MAIL" as varchar) as "A_4_1",
  cast(x."MOBILE" as varchar) as "A_5_1"
from "CRM"."CONTACTS" as x
where true) as ids
  where case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end in (select k from "SL_ID_CUSTOMER_FOUND_1" where stands)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids
;

-- Reads orders and normalises its identifiers
-- grain: one row a row of orders
/* sluice identity.customer.incremental.records_orders */
create temporary table "SL_ID_CUSTOMER_RECORDS_2" as
select *
from (select record_id,
  case when coalesce("ID_1", "ID_2") is not null then hash('0|orders|' || case when "ID_1" is null then '' else 'email=' || replace(replace("ID_1", '\\', '\\\\'), '|', '\\|') || '|' end || case when "ID_2" is null then '' else 'phone=' || replace(replace("ID_2", '\\', '\\\\'), '|', '\\|') || '|' end) end as r,
  row_hash, content_hash,
  "ID_1", "ID_2", "IGNORED_1"
from (select record_id, row_hash, content_hash, case when "ID_1" in (select value from "SL_ID_CUSTOMER_IGNORED" where t = 1 and value is not null) then null else "ID_1" end as "ID_1", "ID_2", case when "ID_1" in (select value from "SL_ID_CUSTOMER_IGNORED" where t = 1 and value is not null) then "ID_1" end as "IGNORED_1"
  from (select record_id, row_hash, content_hash, "A_1_1" as "ID_1", "A_2_1" as "ID_2"
  from (select record_id, row_hash, content_hash, "A_1_1" as "A_1_1", case when length("A_2_1") between 8 and 15 then '+' || "A_2_1" end as "A_2_1"
  from (select record_id, row_hash, content_hash, "A_1_1" as "A_1_1", case when startswith("A_2_1", '+') then substring("A_2_1", 2)
    when startswith("A_2_1", '00') then substring("A_2_1", 3)
    else '33' || case when startswith("A_2_1", '0') then substring("A_2_1", 2) else "A_2_1" end end as "A_2_1"
  from (select record_id, row_hash, content_hash, nullif(lower(trim("A_1_1", ' 	
')), '') as "A_1_1", case when (regexp_instr("A_2_1", '(^[^0-9]*\\+)') > 0) then '+' else '' end || regexp_replace("A_2_1", '[^0-9]', '') as "A_2_1"
  from (select *, hash("RECORD_ID", "A_1_1", "A_2_1") as content_hash, case when record_id is null then hash("RECORD_ID", "A_1_1", "A_2_1") else hash('0|orders, row|' || "RECORD_ID") end as row_hash
  from (select *
  from (select replace(replace(cast("X"."ID" as varchar), '\\', '\\\\'), '|', '\\|') as record_id,
  cast(x."BUYER" as varchar) as "A_1_1",
  cast(x."PHONE" as varchar) as "A_2_1"
from "SHOP"."ORDERS" as x
where (cast(convert_timezone('UTC', cast("X"."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2026-01-31 08:00:00.000' as timestamp_ntz(6))) is distinct from true) as ids
  where case when record_id is null then hash("RECORD_ID", "A_1_1", "A_2_1") else hash('0|orders, row|' || "RECORD_ID") end in (select k from "SL_ID_CUSTOMER_FOUND_2" where not was)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as one
where exists (select 1 from "SL_ID_CUSTOMER_FOUND_2" as f where f.k = one.row_hash and f.c = one.content_hash and not f.was)
;

-- Rows of orders with the same identifiers count as one record
-- grain: one row a set of identifiers
/* sluice identity.customer.incremental.groups_orders */
create temporary table "SL_ID_CUSTOMER_GROUPS_2" as
select r, "ID_1", "ID_2",
  case when "ID_1" is not null then hash('0|email|' || "ID_1") end as "X_1",
  hash('0, second|email|' || "ID_1") as "Y_1",
  case when "ID_2" is not null then hash('0|phone|' || "ID_2") end as "X_2",
  hash('0, second|phone|' || "ID_2") as "Y_2"
from "SL_ID_CUSTOMER_RECORDS_2"
where r is not null
group by r, "ID_1", "ID_2"
;

-- Events that are gone
-- grain: one row an event
/* sluice identity.customer.incremental.gone_rows */
create temporary table "SL_ID_CUSTOMER_GONE_ROWS" as
select f.k as row_hash, f.c as content_hash, f.r from "SL_ID_CUSTOMER_FOUND_2" as f where f.was and f.k in (select k from "SL_ID_CUSTOMER_FOUND_2" where not was)
;

-- Whether a key of an event stands twice
-- grain: one row
/* sluice identity.customer.incremental.check_rows */
select count(*) as repeated
from (
  select e.row_hash
  from (
    select row_hash, content_hash from "SLUICE"."CUSTOMER_NODE_ROWS"
    where row_hash in (select row_hash from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "SL_ID_CUSTOMER_RECORDS_2"
) as c)
    union all
    select row_hash, content_hash from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "SL_ID_CUSTOMER_RECORDS_2"
) as c
  ) as e
  where not exists (
    select 1 from "SL_ID_CUSTOMER_GONE_ROWS" as g where g.row_hash = e.row_hash and g.content_hash = e.content_hash
  )
  group by e.row_hash
  having min(e.content_hash) <> max(e.content_hash)
) as keys
;

-- Nodes that are no more
-- grain: one row a node
/* sluice identity.customer.incremental.left */
create temporary table "SL_ID_CUSTOMER_LEFT" as
select r from (
  select k as r from "SL_ID_CUSTOMER_FOUND_1" where was and k not in (select r from "SL_ID_CUSTOMER_RECORDS_1")
) as records
union all
select g.r
from (select distinct r from "SL_ID_CUSTOMER_GONE_ROWS" where r is not null) as g
where g.r not in (select r from (
  select r from "SL_ID_CUSTOMER_GROUPS_2"
) as came)
  and g.r not in (
    select e.node_hash
    from "SLUICE"."CUSTOMER_NODE_ROWS" as e
    where e.node_hash in (select r from "SL_ID_CUSTOMER_GONE_ROWS" where r is not null)
      and not exists (
        select 1 from "SL_ID_CUSTOMER_GONE_ROWS" as x
        where x.row_hash = e.row_hash and x.content_hash = e.content_hash
      )
  )
;

-- Nodes whose values in the state are no more theirs
-- grain: one row a hash
/* sluice identity.customer.incremental.unlinked */
create temporary table "SL_ID_CUSTOMER_UNLINKED" as
select distinct r
from (
  select k as r from "SL_ID_CUSTOMER_FOUND_1" where was
union all
select r from "SL_ID_CUSTOMER_LEFT"
union all
select r from "SL_ID_CUSTOMER_LOOSE"
) as listed
;

-- Nodes and rows that came, changed or went
-- grain: one row a hash
/* sluice identity.customer.incremental.stirred */
create temporary table "SL_ID_CUSTOMER_STIRRED" as
select distinct r
from (
  select r from "SL_ID_CUSTOMER_UNLINKED"
union all
select r from "SL_ID_CUSTOMER_RECORDS_1"
union all
select r from "SL_ID_CUSTOMER_GROUPS_2"
union all
select r from "SL_ID_CUSTOMER_GONE_ROWS" where r is not null
union all
select row_hash as r from "SL_ID_CUSTOMER_GONE_ROWS"
) as listed
;

-- The values that they held
-- grain: one row a node and value
/* sluice identity.customer.incremental.old_links */
create temporary table "SL_ID_CUSTOMER_OLD_LINKS" as
select r, t, x, y
from "SLUICE"."CUSTOMER_NODE_IDS"
where r in (select r from "SL_ID_CUSTOMER_STIRRED")
;

-- Nodes that are new or have changed
-- grain: one row a node
/* sluice identity.customer.incremental.came */
create temporary table "SL_ID_CUSTOMER_CAME" as
select r, source, node_key, content_hash
from (
  select r, cast('contacts' as varchar) as source, "RECORD_ID" as node_key, content_hash as content_hash from "SL_ID_CUSTOMER_RECORDS_1"
) as records
union all
select r, source, node_key, content_hash
from (
  select r, cast('orders' as varchar) as source, md5(case when "ID_1" is null then '' else 'email=' || replace(replace("ID_1", '\\', '\\\\'), '|', '\\|') || '|' end || case when "ID_2" is null then '' else 'phone=' || replace(replace("ID_2", '\\', '\\\\'), '|', '\\|') || '|' end) as node_key, cast(null as number(19, 0)) as content_hash from "SL_ID_CUSTOMER_GROUPS_2"
) as events
where r not in (select r from "SL_ID_CUSTOMER_OLD_LINKS" where t > 0) or r in (select r from "SL_ID_CUSTOMER_LOOSE")
;

-- The values that they hold
-- grain: one row a node and value
/* sluice identity.customer.incremental.came_links */
create temporary table "SL_ID_CUSTOMER_CAME_LINKS" as
select r, t, x, y
from (
  select r, 3 as t, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_1" is not null
union all
select r, 4 as t, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_2" is not null
union all
select r, 1 as t, "X_3" as x, "Y_3" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_3" is not null
union all
select r, 1 as t, "X_4" as x, "Y_4" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_4" is not null
union all
select r, 2 as t, "X_5" as x, "Y_5" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_5" is not null
union all
select r, (-1) as t, hash('0|email|' || "IGNORED_3") as x, hash('0, second|email|' || "IGNORED_3") as y from "SL_ID_CUSTOMER_RECORDS_1" where "IGNORED_3" is not null
union all
select r, (-1) as t, hash('0|email|' || "IGNORED_4") as x, hash('0, second|email|' || "IGNORED_4") as y from "SL_ID_CUSTOMER_RECORDS_1" where "IGNORED_4" is not null
union all
select r, 1 as t, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_1" is not null
union all
select r, 2 as t, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_2" is not null
union all
select row_hash as r, (-1) as t, hash('0|email|' || "IGNORED_1") as x, hash('0, second|email|' || "IGNORED_1") as y from "SL_ID_CUSTOMER_RECORDS_2" where "IGNORED_1" is not null
) as held
where t < 0 or r in (select r from "SL_ID_CUSTOMER_CAME")
;

-- What linked nothing in the last build
-- grain: one row a value
/* sluice identity.customer.incremental.refused_before */
create temporary table "SL_ID_CUSTOMER_REFUSED_BEFORE" as
select case identifier when cast('email' as varchar) then 1 when cast('phone' as varchar) then 2 when cast('born' as varchar) then 3 when cast('code' as varchar) then 4 end * case reason when 'ignore' then -1 else 1 end as t,
  hash('0|' || identifier || '|' || value) as x, hash('0, second|' || identifier || '|' || value) as y, value, records
from "SLUICE"."CUSTOMER_REFUSED"
;

-- Values whose holders are not the same
-- grain: one row a value
/* sluice identity.customer.incremental.moved_values */
create temporary table "SL_ID_CUSTOMER_MOVED_VALUES" as
select s.t, s.x, s.y, s.change, b.records as before,
  s.t > 0 and (b.records is null or b.records + s.change <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end) as counted
from (
  select t, x, y, sum(n) as change
  from (
    select t, x, y, 1 as n from "SL_ID_CUSTOMER_CAME_LINKS"
    union all
    select t, x, y, -1 as n from "SL_ID_CUSTOMER_OLD_LINKS"
    where r in (select r from "SL_ID_CUSTOMER_UNLINKED")
      or t < 0 and r in (select row_hash from "SL_ID_CUSTOMER_GONE_ROWS")
  ) as one
  group by t, x, y
) as s
left join "SL_ID_CUSTOMER_REFUSED_BEFORE" as b on b.t = s.t and b.x = s.x and b.y = s.y
;

-- Whether two nodes share a hash
-- grain: one row
/* sluice identity.customer.incremental.check_came */
select
  (select count(*) - count(distinct r) from "SL_ID_CUSTOMER_CAME")
  + (
    select count(*) from "SL_ID_CUSTOMER_CAME"
    where r in (select r from "SL_ID_CUSTOMER_OLD_LINKS" where t > 0) and r not in (select r from "SL_ID_CUSTOMER_UNLINKED")
  )
  + (
    select count(*)
    from (select r, t, x, y from (
  select r, 1 as t, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_1" is not null
union all
select r, 2 as t, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_2" is not null
) as held where r not in (select r from "SL_ID_CUSTOMER_CAME")) as g
    full outer join (
      select r, t, x, y from "SL_ID_CUSTOMER_OLD_LINKS"
      where t > 0 and r in (select r from (
  select r, 1 as t, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_1" is not null
union all
select r, 2 as t, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_2" is not null
) as held where r not in (select r from "SL_ID_CUSTOMER_CAME"))
    ) as o on o.r = g.r and o.t = g.t and o.x = g.x and o.y = g.y
    where g.r is null or o.r is null
  ) as collisions
;

-- Who holds the values that moved
-- grain: one row a node and value
/* sluice identity.customer.incremental.holders */
create temporary table "SL_ID_CUSTOMER_HOLDERS" as
select l.r, l.t, l.x, l.y
from "SLUICE"."CUSTOMER_NODE_IDS" as l
join "SL_ID_CUSTOMER_MOVED_VALUES" as v on v.x = l.x and v.y = l.y and v.t = l.t
where v.counted and l.r not in (select r from "SL_ID_CUSTOMER_UNLINKED")
union all
select c.r, c.t, c.x, c.y
from "SL_ID_CUSTOMER_CAME_LINKS" as c
join "SL_ID_CUSTOMER_MOVED_VALUES" as v on v.x = c.x and v.y = c.y and v.t = c.t
where v.counted
;

-- How many hold them
-- grain: one row a value
/* sluice identity.customer.incremental.counts */
create temporary table "SL_ID_CUSTOMER_COUNTS" as
select v.t, v.x, v.y,
  case when v.counted then coalesce(h.records, 0) else coalesce(v.before, 0) + v.change end as records
from "SL_ID_CUSTOMER_MOVED_VALUES" as v
left join (
  select t, x, y, count(*) as records
  from "SL_ID_CUSTOMER_HOLDERS"
  group by t, x, y
) as h on h.t = v.t and h.x = v.x and h.y = v.y
;

-- Values that too many hold
-- grain: one row a value
/* sluice identity.customer.incremental.over */
create temporary table "SL_ID_CUSTOMER_OVER" as
select s.t, s.x, s.y
from "SL_ID_CUSTOMER_COUNTS" as s
where s.t > 0 and s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
union all
select b.t, b.x, b.y
from "SL_ID_CUSTOMER_REFUSED_BEFORE" as b
where b.t > 0
  and not exists (select 1 from "SL_ID_CUSTOMER_COUNTS" as c where c.t = b.t and c.x = b.x and c.y = b.y)
;

-- Nodes of the state that are touched
-- grain: one row a node
/* sluice identity.customer.incremental.near */
create temporary table "SL_ID_CUSTOMER_NEAR" as
select node_hash, entity_hash
from "SLUICE"."CUSTOMER_NODES"
where node_hash in (
  select r from "SL_ID_CUSTOMER_STIRRED"
  union all
  select r from "SL_ID_CUSTOMER_HOLDERS"
)
;

-- Events that were nobody's and may not be
-- grain: one row a node
/* sluice identity.customer.incremental.loose */
create temporary table "SL_ID_CUSTOMER_LOOSE" as
select distinct h.r
from "SL_ID_CUSTOMER_HOLDERS" as h
where h.r not in (select node_hash from "SL_ID_CUSTOMER_NEAR") and h.r not in (select r from "SL_ID_CUSTOMER_CAME")
;

-- Looks at those of orders again
-- grain: one row an event and direction
/* sluice identity.customer.incremental.loose_rows_orders */
insert into "SL_ID_CUSTOMER_FOUND_2" (k, c, r, was, stands)
select e.row_hash as k, e.content_hash as c, e.node_hash as r, kind.was, not kind.was as stands
from "SLUICE"."CUSTOMER_NODE_ROWS" as e
cross join (select true as was union all select false as was) as kind
where e.source = cast('orders' as varchar) and e.node_hash in (select r from "SL_ID_CUSTOMER_LOOSE")
;

-- Entities that may fall apart
-- grain: one row an entity
/* sluice identity.customer.incremental.broken */
create temporary table "SL_ID_CUSTOMER_BROKEN" as
select distinct entity_hash
from "SL_ID_CUSTOMER_NEAR"
where node_hash in (
  select r from "SL_ID_CUSTOMER_UNLINKED"
  union all
  select r from "SL_ID_CUSTOMER_GONE_ROWS" where r is not null
  union all
  select h.r from "SL_ID_CUSTOMER_HOLDERS" as h join "SL_ID_CUSTOMER_OVER" as o on o.t = h.t and o.x = h.x and o.y = h.y
)
;

-- Nodes that are solved again
-- grain: one row a node
/* sluice identity.customer.incremental.touched */
create temporary table "SL_ID_CUSTOMER_TOUCHED" as
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor,
  true as whole
from "SLUICE"."CUSTOMER_NODES"
where entity_hash in (select entity_hash from "SL_ID_CUSTOMER_BROKEN")
union all
select cast(null as varchar) as source, cast(null as varchar) as node_key, first_run, rank_hash, entity_id as owned_id, entity_id,
  node_hash, entity_hash, cast(null as number(19, 0)) as content_hash, is_anchor, false as whole
from "SLUICE"."CUSTOMER_NODES"
where is_anchor and entity_hash in (
  select entity_hash from "SL_ID_CUSTOMER_NEAR" where entity_hash not in (select entity_hash from "SL_ID_CUSTOMER_BROKEN")
)
;

-- Whether two nodes or entities share a hash
-- grain: one row
/* sluice identity.customer.incremental.check_touched */
select
  (
    select count(*)
    from "SL_ID_CUSTOMER_CAME"
    where r in (select node_hash from "SL_ID_CUSTOMER_NEAR") and r not in (select r from "SL_ID_CUSTOMER_UNLINKED")
  )
  + (
    select count(*)
    from "SL_ID_CUSTOMER_CAME" as c
    join "SL_ID_CUSTOMER_TOUCHED" as n on n.node_hash = c.r
    where n.source <> c.source or n.node_key <> c.node_key
  )
  + (select count(*) - count(distinct entity_hash) from "SL_ID_CUSTOMER_TOUCHED" where is_anchor) as collisions
;

-- The values that link these nodes
-- grain: one row a node and value
/* sluice identity.customer.incremental.graph_links */
create temporary table "SL_ID_CUSTOMER_GRAPH_LINKS" as
select l.r, l.t, l.x, l.y
from (
  select r, t, x, y
  from "SLUICE"."CUSTOMER_NODE_IDS"
  where t > 0 and r in (select node_hash from "SL_ID_CUSTOMER_TOUCHED" where whole) and r not in (select r from "SL_ID_CUSTOMER_UNLINKED")
  union all
  select r, t, x, y
  from "SL_ID_CUSTOMER_CAME_LINKS"
  where t > 0
  union all
  select distinct a.node_hash as r, h.t, h.x, h.y
  from "SL_ID_CUSTOMER_HOLDERS" as h
  join "SL_ID_CUSTOMER_NEAR" as n on n.node_hash = h.r
  join "SL_ID_CUSTOMER_TOUCHED" as a on a.entity_hash = n.entity_hash
  where not a.whole
) as l
where not exists (select 1 from "SL_ID_CUSTOMER_OVER" as o where o.t = l.t and o.x = l.x and o.y = l.y)
;

-- The nodes whose entities are asked for
-- grain: one row a node
/* sluice identity.customer.incremental.graph_nodes */
create temporary table "SL_ID_CUSTOMER_GRAPH_NODES" as
select node_hash as r, source, node_key, content_hash
from "SL_ID_CUSTOMER_TOUCHED"
where not whole
union all
select r, source, node_key, content_hash
from (
  select node_hash as r, source, node_key, content_hash
  from "SL_ID_CUSTOMER_TOUCHED"
  where whole and node_hash not in (select r from "SL_ID_CUSTOMER_UNLINKED")
  union all
  select r, source, node_key, content_hash
  from "SL_ID_CUSTOMER_CAME"
) as n
where source not in (cast('orders' as varchar)) or r in (select r from "SL_ID_CUSTOMER_GRAPH_LINKS")
;

-- Which records share a value
-- grain: one row an identifier value that two records or more hold
/* sluice identity.customer.incremental.stars */
create temporary table "SL_ID_CUSTOMER_STARS" as
select x, y, 1 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "SL_ID_CUSTOMER_GRAPH_LINKS" where t = 1) as i
group by x, y
having count(*) > 1
union all
select x, y, 2 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "SL_ID_CUSTOMER_GRAPH_LINKS" where t = 2) as i
group by x, y
having count(*) > 1
union all
select x, y, 3 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "SL_ID_CUSTOMER_GRAPH_LINKS" where t = 3) as i
group by x, y
having count(*) > 1
union all
select x, y, 4 as t, min(r) as low, max(r) as high, count(*) as records
from (select r, x, y from "SL_ID_CUSTOMER_GRAPH_LINKS" where t = 4) as i
group by x, y
having count(*) > 1
;

-- Identifiers become edges between records
-- grain: one row a pair of records that are joined
/* sluice identity.customer.incremental.edges */
create temporary table "SL_ID_CUSTOMER_EDGES_0" as
select distinct u, w
from (
  select s.high as u, s.low as w
  from "SL_ID_CUSTOMER_STARS" as s
  where s.records = 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  union all
  select i.r as u, s.low as w
  from (select r, x, y from "SL_ID_CUSTOMER_GRAPH_LINKS") as i
  join "SL_ID_CUSTOMER_STARS" as s on s.x = i.x and s.y = i.y
  where s.records > 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end and i.r <> s.low
) as joined
;

-- Hooks each record to its least smaller neighbour
-- grain: one row a record that has a smaller neighbour
/* sluice identity.customer.incremental.round_1_hook */
create temporary table "SL_ID_CUSTOMER_HOOKS_1" as
with hooked as (
  select u as v, min(w) as r
  from "SL_ID_CUSTOMER_EDGES_0"
  group by u
)
select a.v, coalesce(b.r, a.r) as r
from hooked as a
left join hooked as b on b.v = a.r
;

-- Moves the edges to where their ends hooked
-- grain: one row a pair of records that are joined
/* sluice identity.customer.incremental.round_1_contract */
create temporary table "SL_ID_CUSTOMER_EDGES_1" as
select distinct case when a > b then a else b end as u, case when a > b then b else a end as w
from (
  select coalesce(h.r, e.u) as a, coalesce(k.r, e.w) as b
  from "SL_ID_CUSTOMER_EDGES_0" as e
  left join "SL_ID_CUSTOMER_HOOKS_1" as h on h.v = e.u
  left join "SL_ID_CUSTOMER_HOOKS_1" as k on k.v = e.w
) as moved
where a <> b
;

-- What the last build knew of these nodes
-- grain: one row a node
/* sluice identity.customer.incremental.former */
create temporary table "SL_ID_CUSTOMER_FORMER" as
select node_hash as r, first_run, rank_hash, owned_id, entity_id
from "SL_ID_CUSTOMER_TOUCHED"
where node_hash in (select r from "SL_ID_CUSTOMER_GRAPH_NODES")
;

-- Where an anchor is gone the next member inherits rank and id
-- grain: one row an entity whose anchor is gone
/* sluice identity.customer.incremental.heirs */
create temporary table "SL_ID_CUSTOMER_HEIRS" as
with gone as (
  select s.entity_id, s.first_run, s.rank_hash
  from "SL_ID_CUSTOMER_TOUCHED" as s
  left join "SL_ID_CUSTOMER_FORMER" as k on k.owned_id = s.owned_id and k.entity_id = s.entity_id
  where s.owned_id = s.entity_id and k.r is null
),
members as (
  select k.r, k.entity_id, row_number() over (
    partition by k.entity_id
    order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  ) as place
  from "SL_ID_CUSTOMER_FORMER" as k
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
create temporary table "SL_ID_CUSTOMER_KNOWN" as
select k.r, k.first_run, k.rank_hash, k.owned_id, k.former_id, first_value(k.r) over (
  partition by k.c
  order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  rows between unbounded preceding and current row
) as anchor
from (
  select n.r, coalesce(l.r, n.r) as c, coalesce(h.first_run, f.first_run, cast(2 as bigint)) as first_run, coalesce(h.rank_hash, f.rank_hash, n.r) as rank_hash,
    coalesce(h.entity_id, f.owned_id) as owned_id, f.entity_id as former_id
  from "SL_ID_CUSTOMER_GRAPH_NODES" as n
  left join "SL_ID_CUSTOMER_HOOKS_1" as l on l.v = n.r
  left join "SL_ID_CUSTOMER_FORMER" as f on f.r = n.r
  left join "SL_ID_CUSTOMER_HEIRS" as h on h.r = n.r
) as k
;

-- The anchor of each entity, and its id
-- grain: one row an entity
/* sluice identity.customer.incremental.anchors */
create temporary table "SL_ID_CUSTOMER_ANCHORS" as
select k.r, coalesce(k.owned_id, md5('customer|' || n.source || '|' || n.node_key || '|' || cast(k.first_run as varchar))) as entity_id
from "SL_ID_CUSTOMER_GRAPH_NODES" as n
join "SL_ID_CUSTOMER_KNOWN" as k on k.r = n.r
where k.anchor = k.r
;

-- What the next build must know of this one
-- grain: one row a record
/* sluice identity.customer.incremental.nodes_out */
create temporary table "SL_ID_CUSTOMER_NODES_IN" as
select n.source, n.node_key, k.first_run, k.rank_hash,
  case when k.anchor = k.r then a.entity_id else k.owned_id end as owned_id,
  a.entity_id, n.r as node_hash, hash(a.entity_id) as entity_hash, n.content_hash, k.anchor = k.r as is_anchor
from "SL_ID_CUSTOMER_GRAPH_NODES" as n
left join "SL_ID_CUSTOMER_KNOWN" as k on k.r = n.r
left join "SL_ID_CUSTOMER_ANCHORS" as a on a.r = k.anchor
;

-- Records that changed their entity
-- grain: one row a pair of entities
/* sluice identity.customer.incremental.moves */
create temporary table "SL_ID_CUSTOMER_MOVES" as
select m.from_id, m.into_id, l.entity_id is not null as alive
from (
  select distinct k.former_id as from_id, a.entity_id as into_id
  from "SL_ID_CUSTOMER_KNOWN" as k
  join "SL_ID_CUSTOMER_ANCHORS" as a on a.r = k.anchor
  where k.former_id <> a.entity_id
) as m
left join "SL_ID_CUSTOMER_ANCHORS" as l on l.entity_id = m.from_id
;

-- Entities that ended in another
-- grain: one row a pair of entities and a run
/* sluice identity.customer.incremental.merges */
create temporary table "SL_ID_CUSTOMER_MERGES_IN" as

select m.from_id, m.into_id, cast('run' as varchar) as run_id, cast('2026-01-31 08:00:00.000' as timestamp_ntz(6)) as merged_at
from "SL_ID_CUSTOMER_MOVES" as m
where not m.alive
;

-- Entities that lost records to another and still are
-- grain: one row a pair of entities and a run
/* sluice identity.customer.incremental.splits */
create temporary table "SL_ID_CUSTOMER_SPLITS_IN" as

select m.from_id, m.into_id, cast('run' as varchar) as run_id, cast('2026-01-31 08:00:00.000' as timestamp_ntz(6)) as split_at
from "SL_ID_CUSTOMER_MOVES" as m
where m.alive
;

-- Entities that are not as they were
-- grain: one row an entity
/* sluice identity.customer.incremental.touched_entities */
create temporary table "SL_ID_CUSTOMER_TOUCHED_ENTITIES" as
select entity_id, max(was) = 1 as was
from (
  select entity_id, 1 as was from "SL_ID_CUSTOMER_TOUCHED"
  union all
  select entity_id, 0 as was from "SL_ID_CUSTOMER_ANCHORS"
) as t
group by entity_id
;

-- Entities that ended in another as a whole
-- grain: one row an entity
/* sluice identity.customer.incremental.moved_entities */
create temporary table "SL_ID_CUSTOMER_MOVED_ENTITIES" as
select t.entity_id as from_id, t.entity_hash as from_hash, n.entity_id, n.entity_hash
from "SL_ID_CUSTOMER_TOUCHED" as t
join "SL_ID_CUSTOMER_NODES_IN" as n on n.node_hash = t.node_hash
where not t.whole and n.entity_id <> t.entity_id
;

-- Their nodes
-- grain: one row a node
/* sluice identity.customer.incremental.moved_nodes */
create temporary table "SL_ID_CUSTOMER_MOVED_NODES" as
select n.source, n.node_key, n.first_run, n.rank_hash, n.owned_id, m.entity_id, n.node_hash, m.entity_hash,
  n.content_hash, false as is_anchor
from "SLUICE"."CUSTOMER_NODES" as n
join "SL_ID_CUSTOMER_MOVED_ENTITIES" as m on m.from_hash = n.entity_hash
;

-- Nodes that are not as they were
-- grain: one row a node
/* sluice identity.customer.incremental.nodes_delta */
create temporary table "SL_ID_CUSTOMER_NODES_DELTA" as
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor
from "SL_ID_CUSTOMER_NODES_IN"
where node_hash not in (select node_hash from "SL_ID_CUSTOMER_TOUCHED" where not whole)
union all
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor
from "SL_ID_CUSTOMER_MOVED_NODES"
;

-- Entities whose records are told anew
-- grain: one row an entity
/* sluice identity.customer.incremental.replaced */
create temporary table "SL_ID_CUSTOMER_REPLACED" as
select entity_id
from "SL_ID_CUSTOMER_TOUCHED"
where whole
union
select from_id as entity_id
from "SL_ID_CUSTOMER_MOVED_ENTITIES"
;

-- What their records were
-- grain: one row a record
/* sluice identity.customer.incremental.touched_rows */
create temporary table "SL_ID_CUSTOMER_TOUCHED_ROWS" as
select source, record_id
from "SLUICE"."CUSTOMER_IDENTITY"
where "CUSTOMER_ID" in (select entity_id from "SL_ID_CUSTOMER_REPLACED")
;

-- What their nodes are part of
-- grain: one row a node
/* sluice identity.customer.incremental.node_entities */
create temporary table "SL_ID_CUSTOMER_NODE_ENTITIES" as
select node_hash, entity_id
from "SL_ID_CUSTOMER_NODES_DELTA"
union
select n.node_hash, i.entity_id
from "SL_ID_CUSTOMER_NEAR" as n
join "SL_ID_CUSTOMER_TOUCHED" as a on a.entity_hash = n.entity_hash
join "SL_ID_CUSTOMER_NODES_IN" as i on i.node_hash = a.node_hash
where not a.whole
;

-- Events that are new, and those of these entities
-- grain: one row an event
/* sluice identity.customer.incremental.event_rows */
create temporary table "SL_ID_CUSTOMER_EVENT_ROWS" as
select source, record_id, r
from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "SL_ID_CUSTOMER_RECORDS_2"
) as c
where record_id is not null and r is not null
union all
select i.source, i.record_id, e.node_hash as r
from (
  select source, record_id, hash('0|orders, row|' || "RECORD_ID") as row_hash from "SL_ID_CUSTOMER_TOUCHED_ROWS" where source = 'orders'
) as i
join "SLUICE"."CUSTOMER_NODE_ROWS" as e on e.row_hash = i.row_hash
where e.node_hash is not null
  and not exists (
    select 1 from "SL_ID_CUSTOMER_GONE_ROWS" as g where g.row_hash = e.row_hash and g.content_hash = e.content_hash
  )
;

-- Records that are new, and those of entities that are told anew
-- grain: one row a record
/* sluice identity.customer.incremental.identity_in */
create temporary table "SL_ID_CUSTOMER_IDENTITY_IN" as
select source, node_key as record_id, entity_id as "CUSTOMER_ID"
from "SL_ID_CUSTOMER_NODES_DELTA"
where source not in (cast('orders' as varchar))
union all
select e.source, e.record_id, min(n.entity_id) as "CUSTOMER_ID"
from "SL_ID_CUSTOMER_EVENT_ROWS" as e
join "SL_ID_CUSTOMER_NODE_ENTITIES" as n on n.node_hash = e.r
group by e.source, e.record_id
;

-- Values that link nothing, and why
-- grain: one row a value and reason
/* sluice identity.customer.incremental.refused_in */
create temporary table "SL_ID_CUSTOMER_REFUSED_IN" as
select identifier, sha2(value, 256) as value_hash, value, reason, records
from (
  select case abs(s.t) when 1 then cast('email' as varchar) when 2 then cast('phone' as varchar) when 3 then cast('born' as varchar) when 4 then cast('code' as varchar) end as identifier, coalesce(b.value, v.value) as value,
    case when s.t < 0 then 'ignore' else 'max_records' end as reason, cast(s.records as bigint) as records
  from "SL_ID_CUSTOMER_COUNTS" as s
  left join "SL_ID_CUSTOMER_REFUSED_BEFORE" as b on b.t = s.t and b.x = s.x and b.y = s.y
  left join (
    select t, x, y, min(value) as value
    from (
  select 3 as t, hash('0|born|' || "ID_1") as x, hash('0, second|born|' || "ID_1") as y, "ID_1" as value from "SL_ID_CUSTOMER_RECORDS_1" where "ID_1" is not null
union all
select 4 as t, hash('0|code|' || "ID_2") as x, hash('0, second|code|' || "ID_2") as y, "ID_2" as value from "SL_ID_CUSTOMER_RECORDS_1" where "ID_2" is not null
union all
select 1 as t, hash('0|email|' || "ID_3") as x, hash('0, second|email|' || "ID_3") as y, "ID_3" as value from "SL_ID_CUSTOMER_RECORDS_1" where "ID_3" is not null
union all
select (-1) as t, hash('0|email|' || "IGNORED_3") as x, hash('0, second|email|' || "IGNORED_3") as y, "IGNORED_3" as value from "SL_ID_CUSTOMER_RECORDS_1" where "IGNORED_3" is not null
union all
select 1 as t, hash('0|email|' || "ID_4") as x, hash('0, second|email|' || "ID_4") as y, "ID_4" as value from "SL_ID_CUSTOMER_RECORDS_1" where "ID_4" is not null
union all
select (-1) as t, hash('0|email|' || "IGNORED_4") as x, hash('0, second|email|' || "IGNORED_4") as y, "IGNORED_4" as value from "SL_ID_CUSTOMER_RECORDS_1" where "IGNORED_4" is not null
union all
select 2 as t, hash('0|phone|' || "ID_5") as x, hash('0, second|phone|' || "ID_5") as y, "ID_5" as value from "SL_ID_CUSTOMER_RECORDS_1" where "ID_5" is not null
union all
select 1 as t, hash('0|email|' || "ID_1") as x, hash('0, second|email|' || "ID_1") as y, "ID_1" as value from "SL_ID_CUSTOMER_GROUPS_2" where "ID_1" is not null
union all
select (-1) as t, hash('0|email|' || "IGNORED_1") as x, hash('0, second|email|' || "IGNORED_1") as y, "IGNORED_1" as value from "SL_ID_CUSTOMER_RECORDS_2" where "IGNORED_1" is not null
union all
select 2 as t, hash('0|phone|' || "ID_2") as x, hash('0, second|phone|' || "ID_2") as y, "ID_2" as value from "SL_ID_CUSTOMER_GROUPS_2" where "ID_2" is not null
) as c
    group by t, x, y
  ) as v on v.t = s.t and v.x = s.x and v.y = s.y
  where s.t < 0 and s.records > 0 or s.t > 0 and s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
) as refused
;

-- What the last build told of them
-- grain: one row a value and reason
/* sluice identity.customer.incremental.refused_out */
create temporary table "SL_ID_CUSTOMER_REFUSED_OUT" as
select case abs(b.t) when 1 then cast('email' as varchar) when 2 then cast('phone' as varchar) when 3 then cast('born' as varchar) when 4 then cast('code' as varchar) end as identifier, b.value,
  case when b.t < 0 then 'ignore' else 'max_records' end as reason
from "SL_ID_CUSTOMER_REFUSED_BEFORE" as b
where exists (select 1 from "SL_ID_CUSTOMER_COUNTS" as c where c.t = b.t and c.x = b.x and c.y = b.y)
;

-- How many entities are touched
-- grain: one row
/* sluice identity.customer.incremental.check_delta */
select count(*) as touched, sum(case when was then 1 else 0 end) as was,
  (select count(*) from "SL_ID_CUSTOMER_TOUCHED" where whole) as whole
from "SL_ID_CUSTOMER_TOUCHED_ENTITIES"
;

-- Each record of each source with its entity
-- grain: one row a record
/* sluice identity.customer.incremental.current */
create temporary table "SL_ID_CUSTOMER_CURRENT" as
select source, record_id, "CUSTOMER_ID"
from "SLUICE"."CUSTOMER_IDENTITY" as i
where not exists (
  select 1 from "SL_ID_CUSTOMER_REPLACED" as t where t.entity_id = i."CUSTOMER_ID"
)
union all
select source, record_id, "CUSTOMER_ID"
from "SL_ID_CUSTOMER_IDENTITY_IN"
;

-- Takes what is not so any more out of nodes
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_nodes */
delete from "SLUICE"."CUSTOMER_NODES"
where node_hash in (select node_hash from "SL_ID_CUSTOMER_TOUCHED" where whole union all select node_hash from "SL_ID_CUSTOMER_NODES_DELTA")
;

-- Adds what is new to nodes
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_nodes */
insert into "SLUICE"."CUSTOMER_NODES" ("SOURCE", "NODE_KEY", "FIRST_RUN", "RANK_HASH", "OWNED_ID", "ENTITY_ID", "NODE_HASH", "ENTITY_HASH", "CONTENT_HASH", "IS_ANCHOR")
select "SOURCE", "NODE_KEY", "FIRST_RUN", "RANK_HASH", "OWNED_ID", "ENTITY_ID", "NODE_HASH", "ENTITY_HASH", "CONTENT_HASH", "IS_ANCHOR" from "SL_ID_CUSTOMER_NODES_DELTA"
;

-- Takes what is not so any more out of node_ids
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_node_ids */
delete from "SLUICE"."CUSTOMER_NODE_IDS"
where r in (select r from "SL_ID_CUSTOMER_UNLINKED" union all select row_hash from "SL_ID_CUSTOMER_GONE_ROWS")
;

-- Adds what is new to node_ids
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_node_ids */
insert into "SLUICE"."CUSTOMER_NODE_IDS" ("R", "T", "X", "Y")
select "R", "T", "X", "Y" from "SL_ID_CUSTOMER_CAME_LINKS"
;

-- Takes what is not so any more out of node_rows
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_node_rows */
delete from "SLUICE"."CUSTOMER_NODE_ROWS"
where exists (select 1 from "SL_ID_CUSTOMER_GONE_ROWS" as g where g."ROW_HASH" = "CUSTOMER_NODE_ROWS"."ROW_HASH" and g."CONTENT_HASH" = "CUSTOMER_NODE_ROWS"."CONTENT_HASH")
;

-- Adds what is new to node_rows
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_node_rows */
insert into "SLUICE"."CUSTOMER_NODE_ROWS" (source, row_hash, content_hash, node_hash)
select source, row_hash, content_hash, r from (
  select cast('orders' as varchar) as source, record_id, row_hash, content_hash, r from "SL_ID_CUSTOMER_RECORDS_2"
) as c
;

-- Takes what is not so any more out of identity
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_identity */
delete from "SLUICE"."CUSTOMER_IDENTITY"
where "CUSTOMER_ID" in (select entity_id from "SL_ID_CUSTOMER_REPLACED")
;

-- Adds what is new to identity
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_identity */
insert into "SLUICE"."CUSTOMER_IDENTITY" ("SOURCE", "RECORD_ID", "CUSTOMER_ID")
select "SOURCE", "RECORD_ID", "CUSTOMER_ID" from "SL_ID_CUSTOMER_IDENTITY_IN"
;

-- Adds what is new to merges
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_merges */
insert into "SLUICE"."CUSTOMER_MERGES" ("FROM_ID", "INTO_ID", "RUN_ID", "MERGED_AT")
select "FROM_ID", "INTO_ID", "RUN_ID", "MERGED_AT" from "SL_ID_CUSTOMER_MERGES_IN"
;

-- Adds what is new to splits
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_splits */
insert into "SLUICE"."CUSTOMER_SPLITS" ("FROM_ID", "INTO_ID", "RUN_ID", "SPLIT_AT")
select "FROM_ID", "INTO_ID", "RUN_ID", "SPLIT_AT" from "SL_ID_CUSTOMER_SPLITS_IN"
;

-- Takes what is not so any more out of refused
-- grain: one row a row that changes
/* sluice identity.customer.incremental.remove_refused */
delete from "SLUICE"."CUSTOMER_REFUSED"
where exists (select 1 from "SL_ID_CUSTOMER_REFUSED_OUT" as g where g."IDENTIFIER" = "CUSTOMER_REFUSED"."IDENTIFIER" and g."VALUE" = "CUSTOMER_REFUSED"."VALUE" and g."REASON" = "CUSTOMER_REFUSED"."REASON")
;

-- Adds what is new to refused
-- grain: one row a row that changes
/* sluice identity.customer.incremental.add_refused */
insert into "SLUICE"."CUSTOMER_REFUSED" ("IDENTIFIER", "VALUE_HASH", "VALUE", "REASON", "RECORDS")
select "IDENTIFIER", "VALUE_HASH", "VALUE", "REASON", "RECORDS" from "SL_ID_CUSTOMER_REFUSED_IN"
;

-- Says what the state is of now
-- grain: one row a row that changes
/* sluice identity.customer.incremental.publish_stitch */
update "SLUICE"."CUSTOMER_STITCH"
set as_of = cast('2026-01-31 08:00:00.000' as timestamp_ntz(6)), records = 1, entities = 1
where true
;
