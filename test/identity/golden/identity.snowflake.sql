-- Values that identify nobody, normalised
-- grain: one row a value of the project
/* sluice identity.customer.ignored */
create temporary table "SL_ID_CUSTOMER_IGNORED" as
select 1 as t, nullif(lower(trim(cast('n/a' as varchar), ' 	
')), '') as value
;

-- Reads contacts and normalises its identifiers
-- grain: one row a row of contacts
/* sluice identity.customer.records_contacts */
create temporary table "SL_ID_CUSTOMER_RECORDS_1" as
select record_id, r, content_hash,
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
  from (select replace(replace(cast("X"."TENANT" as varchar), '\\', '\\\\'), '|', '\\|') || '|' || replace(replace(cast("X"."ID" as varchar), '\\', '\\\\'), '|', '\\|') as record_id,
  cast(x."LAST_NAME" as varchar) as "A_1_1",
  cast(x."BIRTH_DATE" as varchar) as "A_1_2",
  cast((upper(code)
) as varchar) as "A_2_1",
  cast(x."MAIL" as varchar) as "A_3_1",
  cast(x."WORK_MAIL" as varchar) as "A_4_1",
  cast(x."MOBILE" as varchar) as "A_5_1"
from "CRM"."CONTACTS" as x
where true) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids
;

-- Reads orders and normalises its identifiers
-- grain: one row a row of orders
/* sluice identity.customer.records_orders */
create temporary table "SL_ID_CUSTOMER_RECORDS_2" as
select record_id,
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
  from (select replace(replace(cast("X"."ID" as varchar), '\\', '\\\\'), '|', '\\|') as record_id,
  cast(x."BUYER" as varchar) as "A_1_1",
  cast(x."PHONE" as varchar) as "A_2_1"
from "SHOP"."ORDERS" as x
where (cast(convert_timezone('UTC', cast("X"."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2026-01-31 08:00:00.000' as timestamp_ntz(6))) is distinct from true) as ids) as ids) as ids) as ids) as ids) as ids) as ids
;

-- Rows of orders with the same identifiers count as one record
-- grain: one row a set of identifiers
/* sluice identity.customer.groups_orders */
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

-- Whether each record has a key and a hash of its own
-- grain: one row
/* sluice identity.customer.check_records */
select count(*) as nodes, count(distinct r) as hashes, count(*) - count(r) as keyless
from (
  select r from "SL_ID_CUSTOMER_RECORDS_1"
union all
select r from "SL_ID_CUSTOMER_GROUPS_2"
) as n
;

-- Which records share a value
-- grain: one row an identifier value that two records or more hold
/* sluice identity.customer.stars */
create temporary table "SL_ID_CUSTOMER_STARS" as
select x, y, 1 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "X_3" as x, "Y_3" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_3" is not null
union all
select r, "X_4" as x, "Y_4" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_4" is not null
union all
select r, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_1" is not null
) as i
group by x, y
having count(*) > 1
union all
select x, y, 2 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "X_5" as x, "Y_5" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_5" is not null
union all
select r, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_2" is not null
) as i
group by x, y
having count(*) > 1
union all
select x, y, 3 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_1" is not null
) as i
group by x, y
having count(*) > 1
union all
select x, y, 4 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_2" is not null
) as i
group by x, y
having count(*) > 1
;

-- How many values are held by too many records
-- grain: one row
/* sluice identity.customer.check_stars */
select count(*) as refused
from "SL_ID_CUSTOMER_STARS" as s
where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
;

-- Identifiers become edges between records
-- grain: one row a pair of records that are joined
/* sluice identity.customer.edges */
create temporary table "SL_ID_CUSTOMER_EDGES_0" as
select distinct u, w
from (
  select s.high as u, s.low as w
  from "SL_ID_CUSTOMER_STARS" as s
  where s.records = 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  union all
  select i.r as u, s.low as w
  from (
  select r, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_1" is not null
union all
select r, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_2" is not null
union all
select r, "X_3" as x, "Y_3" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_3" is not null
union all
select r, "X_4" as x, "Y_4" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_4" is not null
union all
select r, "X_5" as x, "Y_5" as y from "SL_ID_CUSTOMER_RECORDS_1" where "X_5" is not null
union all
select r, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_1" is not null
union all
select r, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_2" is not null
) as i
  join "SL_ID_CUSTOMER_STARS" as s on s.x = i.x and s.y = i.y
  where s.records > 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end and i.r <> s.low
) as joined
;

-- Hooks each record to its least smaller neighbour
-- grain: one row a record that has a smaller neighbour
/* sluice identity.customer.round_1_hook */
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
/* sluice identity.customer.round_1_contract */
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

-- Follows the records of this round through all later ones
-- grain: one row a record that moved
/* sluice identity.customer.round_1_compose */
create temporary table "SL_ID_CUSTOMER_LABELS_1" as
select h.v, coalesce(l.r, h.r) as r
from "SL_ID_CUSTOMER_HOOKS_1" as h
left join "SL_ID_CUSTOMER_HOOKS_2" as l on l.v = h.r
union all
select l.v, l.r
from "SL_ID_CUSTOMER_HOOKS_2" as l
left join "SL_ID_CUSTOMER_HOOKS_1" as h on h.v = l.v
where h.v is null
;

-- Events whose every identifier links nothing
-- grain: one row an event record
/* sluice identity.customer.unattached */
create temporary table "SL_ID_CUSTOMER_UNATTACHED" as
select i.r
from (
  select r, "X_1" as x, "Y_1" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_1" is not null
union all
select r, "X_2" as x, "Y_2" as y from "SL_ID_CUSTOMER_GROUPS_2" where "X_2" is not null
) as i
left join (
  select s.x, s.y from "SL_ID_CUSTOMER_STARS" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
) as s on s.x = i.x and s.y = i.y
group by i.r
having count(s.x) = count(*)
;

-- What the last build knew of the records that still are
-- grain: one row a record that the last build knew
/* sluice identity.customer.former */
create temporary table "SL_ID_CUSTOMER_FORMER" as
select n.r, s.first_run, s.rank_hash, s.owned_id, s.entity_id
from (
  select r, r as h, hash('0, second|contacts|' || "RECORD_ID") as h_second from "SL_ID_CUSTOMER_RECORDS_1"
union all
select r, hash('0|orders|' || md5(case when "ID_1" is null then '' else 'email=' || replace(replace("ID_1", '\\', '\\\\'), '|', '\\|') || '|' end || case when "ID_2" is null then '' else 'phone=' || replace(replace("ID_2", '\\', '\\\\'), '|', '\\|') || '|' end)) as h, hash('0, second|orders|' || md5(case when "ID_1" is null then '' else 'email=' || replace(replace("ID_1", '\\', '\\\\'), '|', '\\|') || '|' end || case when "ID_2" is null then '' else 'phone=' || replace(replace("ID_2", '\\', '\\\\'), '|', '\\|') || '|' end)) as h_second from "SL_ID_CUSTOMER_GROUPS_2" where r not in (select r from "SL_ID_CUSTOMER_UNATTACHED")
) as n
join (
  select hash('0|' || source || '|' || node_key) as h, hash('0, second|' || source || '|' || node_key) as h_second, first_run, rank_hash, owned_id, entity_id
  from "SLUICE"."CUSTOMER_NODES"
) as s on s.h = n.h and s.h_second = n.h_second
;

-- Where an anchor is gone the next member inherits rank and id
-- grain: one row an entity whose anchor is gone
/* sluice identity.customer.heirs */
create temporary table "SL_ID_CUSTOMER_HEIRS" as
with gone as (
  select s.entity_id, s.first_run, s.rank_hash
  from "SLUICE"."CUSTOMER_NODES" as s
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
/* sluice identity.customer.known */
create temporary table "SL_ID_CUSTOMER_KNOWN" as
select k.r, k.first_run, k.rank_hash, k.owned_id, k.former_id, first_value(k.r) over (
  partition by k.c
  order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  rows between unbounded preceding and current row
) as anchor
from (
  select n.r, coalesce(l.r, n.r) as c, coalesce(h.first_run, f.first_run, cast(2 as bigint)) as first_run, coalesce(h.rank_hash, f.rank_hash, n.r) as rank_hash,
    coalesce(h.entity_id, f.owned_id) as owned_id, f.entity_id as former_id
  from (
  select r from "SL_ID_CUSTOMER_RECORDS_1"
union all
select r from "SL_ID_CUSTOMER_GROUPS_2" where r not in (select r from "SL_ID_CUSTOMER_UNATTACHED")
) as n
  left join "SL_ID_CUSTOMER_LABELS_1" as l on l.v = n.r
  left join "SL_ID_CUSTOMER_FORMER" as f on f.r = n.r
  left join "SL_ID_CUSTOMER_HEIRS" as h on h.r = n.r
) as k
;

-- The anchor of each entity, and its id
-- grain: one row an entity
/* sluice identity.customer.anchors */
create temporary table "SL_ID_CUSTOMER_ANCHORS" as
select k.r, coalesce(k.owned_id, md5('customer|' || n.source || '|' || n.node_key || '|' || cast(k.first_run as varchar))) as entity_id
from (
  select r, cast('contacts' as varchar) as source, "RECORD_ID" as node_key, content_hash as content_hash from "SL_ID_CUSTOMER_RECORDS_1"
union all
select r, cast('orders' as varchar) as source, md5(case when "ID_1" is null then '' else 'email=' || replace(replace("ID_1", '\\', '\\\\'), '|', '\\|') || '|' end || case when "ID_2" is null then '' else 'phone=' || replace(replace("ID_2", '\\', '\\\\'), '|', '\\|') || '|' end) as node_key, cast(null as number(19, 0)) as content_hash from "SL_ID_CUSTOMER_GROUPS_2" where r not in (select r from "SL_ID_CUSTOMER_UNATTACHED")
) as n
join "SL_ID_CUSTOMER_KNOWN" as k on k.r = n.r
where k.anchor = k.r
;

-- What the next build must know of this one
-- grain: one row a record
/* sluice identity.customer.nodes_out */
create table "SLUICE"."CUSTOMER_NODES" as
select n.source, n.node_key, k.first_run, k.rank_hash,
  case when k.anchor = k.r then a.entity_id else k.owned_id end as owned_id,
  a.entity_id, n.r as node_hash, hash(a.entity_id) as entity_hash, n.content_hash, k.anchor = k.r as is_anchor
from (
  select r, cast('contacts' as varchar) as source, "RECORD_ID" as node_key, content_hash as content_hash from "SL_ID_CUSTOMER_RECORDS_1"
union all
select r, cast('orders' as varchar) as source, md5(case when "ID_1" is null then '' else 'email=' || replace(replace("ID_1", '\\', '\\\\'), '|', '\\|') || '|' end || case when "ID_2" is null then '' else 'phone=' || replace(replace("ID_2", '\\', '\\\\'), '|', '\\|') || '|' end) as node_key, cast(null as number(19, 0)) as content_hash from "SL_ID_CUSTOMER_GROUPS_2" where r not in (select r from "SL_ID_CUSTOMER_UNATTACHED")
) as n
left join "SL_ID_CUSTOMER_KNOWN" as k on k.r = n.r
left join "SL_ID_CUSTOMER_ANCHORS" as a on a.r = k.anchor
;

-- Each record of each source with its entity
-- grain: one row a record
/* sluice identity.customer.identity */
create table "SLUICE"."CUSTOMER_IDENTITY" as
select source, node_key as record_id, entity_id as "CUSTOMER_ID"
from "SLUICE"."CUSTOMER_NODES"
where source not in (cast('orders' as varchar))
union all
select e.source, e.record_id, min(a.entity_id) as "CUSTOMER_ID"
from (
  select cast('orders' as varchar) as source, record_id, r from "SL_ID_CUSTOMER_RECORDS_2" where record_id is not null
) as e
join "SL_ID_CUSTOMER_KNOWN" as k on k.r = e.r
join "SL_ID_CUSTOMER_ANCHORS" as a on a.r = k.anchor
group by e.source, e.record_id
;

-- Records that changed their entity
-- grain: one row a pair of entities
/* sluice identity.customer.moves */
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
/* sluice identity.customer.merges */
create table "SLUICE"."CUSTOMER_MERGES" as
select from_id, into_id, run_id, "MERGED_AT"
from "SLUICE"."CUSTOMER_MERGES"
union all

select m.from_id, m.into_id, cast('run' as varchar) as run_id, cast('2026-01-31 08:00:00.000' as timestamp_ntz(6)) as merged_at
from "SL_ID_CUSTOMER_MOVES" as m
where not m.alive
;

-- Entities that lost records to another and still are
-- grain: one row a pair of entities and a run
/* sluice identity.customer.splits */
create table "SLUICE"."CUSTOMER_SPLITS" as
select from_id, into_id, run_id, "SPLIT_AT"
from "SLUICE"."CUSTOMER_SPLITS"
union all

select m.from_id, m.into_id, cast('run' as varchar) as run_id, cast('2026-01-31 08:00:00.000' as timestamp_ntz(6)) as split_at
from "SL_ID_CUSTOMER_MOVES" as m
where m.alive
;

-- Values that link nothing, and why
-- grain: one row an identifier value and reason
/* sluice identity.customer.refused */
create table "SLUICE"."CUSTOMER_REFUSED" as
select identifier, sha2(value, 256) as value_hash, value, reason, cast(sum(records) as bigint) as records
from (
  select case s.t when 3 then cast('born' as varchar) when 4 then cast('code' as varchar) when 1 then cast('email' as varchar) when 2 then cast('phone' as varchar) end as identifier, min(v.value) as value, cast('max_records' as varchar) as reason, min(s.records) as records
  from "SL_ID_CUSTOMER_STARS" as s
  left join (
  select hash('0|born|' || "ID_1") as x, hash('0, second|born|' || "ID_1") as y, "ID_1" as value from (select record_id,
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
  where case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end in (select s.low from "SL_ID_CUSTOMER_STARS" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "ID_1" is not null
union all
select hash('0|code|' || "ID_2") as x, hash('0, second|code|' || "ID_2") as y, "ID_2" as value from (select record_id,
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
  where case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end in (select s.low from "SL_ID_CUSTOMER_STARS" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "ID_2" is not null
union all
select hash('0|email|' || "ID_3") as x, hash('0, second|email|' || "ID_3") as y, "ID_3" as value from (select record_id,
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
  where case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end in (select s.low from "SL_ID_CUSTOMER_STARS" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "ID_3" is not null
union all
select hash('0|email|' || "ID_4") as x, hash('0, second|email|' || "ID_4") as y, "ID_4" as value from (select record_id,
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
  where case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end in (select s.low from "SL_ID_CUSTOMER_STARS" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "ID_4" is not null
union all
select hash('0|phone|' || "ID_5") as x, hash('0, second|phone|' || "ID_5") as y, "ID_5" as value from (select record_id,
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
  where case when record_id is not null then hash('0|contacts|' || "RECORD_ID") end in (select s.low from "SL_ID_CUSTOMER_STARS" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids) as ids where "ID_5" is not null
union all
select "X_1" as x, "Y_1" as y, "ID_1" as value from "SL_ID_CUSTOMER_GROUPS_2" where "ID_1" is not null
union all
select "X_2" as x, "Y_2" as y, "ID_2" as value from "SL_ID_CUSTOMER_GROUPS_2" where "ID_2" is not null
) as v on v.x = s.x and v.y = s.y
  where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  group by s.t, s.x, s.y
union all
select cast('email' as varchar) as identifier, "IGNORED_3" as value, cast('ignore' as varchar) as reason, count(*) as records
  from "SL_ID_CUSTOMER_RECORDS_1"
  where "IGNORED_3" is not null
  group by "IGNORED_3"
union all
select cast('email' as varchar) as identifier, "IGNORED_4" as value, cast('ignore' as varchar) as reason, count(*) as records
  from "SL_ID_CUSTOMER_RECORDS_1"
  where "IGNORED_4" is not null
  group by "IGNORED_4"
union all
select cast('email' as varchar) as identifier, "IGNORED_1" as value, cast('ignore' as varchar) as reason, count(*) as records
  from "SL_ID_CUSTOMER_RECORDS_2"
  where "IGNORED_1" is not null
  group by "IGNORED_1"
) as refused
group by identifier, value, reason
;

-- Which values each node holds, as hashes
-- grain: one row a node and value
/* sluice identity.customer.node_ids */
create table "SLUICE"."CUSTOMER_NODE_IDS" as
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
;

-- Which node each event is part of
-- grain: one row a row of an event source
/* sluice identity.customer.node_rows */
create table "SLUICE"."CUSTOMER_NODE_ROWS" as
select cast('orders' as varchar) as source, row_hash, content_hash, r as node_hash from "SL_ID_CUSTOMER_RECORDS_2"
;

-- How the state was made
-- grain: one row
/* sluice identity.customer.stitch */
create table "SLUICE"."CUSTOMER_STITCH" as
select 3 as form, cast('engine' as varchar) as engine, cast('fingerprint email,phone,born,code' as varchar) as rules, 0 as salt, cast('2026-01-31 08:00:00.000' as timestamp_ntz(6)) as as_of,
  (select count(*) from "SLUICE"."CUSTOMER_IDENTITY") as records, (select count(*) from "SL_ID_CUSTOMER_ANCHORS") as entities, (select count(*) from (
  select row_hash from "SLUICE"."CUSTOMER_NODE_ROWS"
  where node_hash is not null
  group by row_hash
  having min(node_hash) <> max(node_hash)
) as twice) as repeated_keys
;
