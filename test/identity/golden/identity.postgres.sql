-- Values that identify nobody, normalised
-- grain: one row a value of the project
/* sluice identity.customer.ignored */
create temp table "sl_id_customer_ignored" as
select 1 as t, nullif(lower((btrim(cast('n/a' as text), ' 	
') collate "default")), '') as value
;

-- Reads contacts and normalises its identifiers
-- grain: one row a row of contacts
/* sluice identity.customer.records_contacts */
create temp table "sl_id_customer_records_1" as
select record_id, r, content_hash,
  case when "id_1" is not null then hashtextextended('0|born|' || "id_1", 0) end as "x_1",
  hashtextextended('0, second|born|' || "id_1", 0) as "y_1",
  case when "id_2" is not null then hashtextextended('0|code|' || "id_2", 0) end as "x_2",
  hashtextextended('0, second|code|' || "id_2", 0) as "y_2",
  case when "id_3" is not null then hashtextextended('0|email|' || "id_3", 0) end as "x_3",
  hashtextextended('0, second|email|' || "id_3", 0) as "y_3",
  case when "id_4" is not null then hashtextextended('0|email|' || "id_4", 0) end as "x_4",
  hashtextextended('0, second|email|' || "id_4", 0) as "y_4",
  case when "id_5" is not null then hashtextextended('0|phone|' || "id_5", 0) end as "x_5",
  hashtextextended('0, second|phone|' || "id_5", 0) as "y_5",
  "ignored_3",
  "ignored_4"
from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5", "ignored_3", "ignored_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", case when ("id_3" collate "C") <= ("id_4" collate "C") then "id_3" else "id_4" end as "id_3", case when ("id_4" collate "C") >= ("id_3" collate "C") then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_3" end as "id_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_4" end as "id_4", "id_5", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_3" end as "ignored_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_4" end as "ignored_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower((btrim("a_1_1", ' 	
') collate "default")), '') as "a_1_1", nullif(lower((btrim("a_1_2", ' 	
') collate "default")), '') as "a_1_2", case when ("a_2_1" collate "C") >= '!' then "a_2_1" when btrim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower((btrim("a_3_1", ' 	
') collate "default")), '') as "a_3_1", nullif(lower((btrim("a_4_1", ' 	
') collate "default")), '') as "a_4_1", case when (("a_5_1" collate "C") ~ '(?:^[^0-9]*\u002b)') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash_record_extended(row("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1"), 17) as content_hash, case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end as row_hash
  from (select replace(replace(cast("x"."tenant" as text), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as text), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as text) as "a_1_1",
  cast(x."birth_date" as text) as "a_1_2",
  cast((upper(code)
) as text) as "a_2_1",
  cast(x."mail" as text) as "a_3_1",
  cast(x."work_mail" as text) as "a_4_1",
  cast(x."mobile" as text) as "a_5_1"
from "crm"."contacts" as x
where true
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
;

-- Reads orders and normalises its identifiers
-- grain: one row a row of orders
/* sluice identity.customer.records_orders */
create temp table "sl_id_customer_records_2" as
select record_id,
  case when coalesce("id_1", "id_2") is not null then hashtextextended('0|orders|' || case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end, 0) end as r,
  row_hash, content_hash,
  "id_1", "id_2", "ignored_1"
from (select record_id, row_hash, content_hash, case when "id_1" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_1" end as "id_1", "id_2", case when "id_1" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_1" end as "ignored_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "id_1", "a_2_1" as "id_2"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", case when length("a_2_1") between 8 and 15 then '+' || "a_2_1" end as "a_2_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", case when starts_with("a_2_1", '+') then substring("a_2_1", 2)
    when starts_with("a_2_1", '00') then substring("a_2_1", 3)
    else '33' || case when starts_with("a_2_1", '0') then substring("a_2_1", 2) else "a_2_1" end end as "a_2_1"
  from (select record_id, row_hash, content_hash, nullif(lower((btrim("a_1_1", ' 	
') collate "default")), '') as "a_1_1", case when (("a_2_1" collate "C") ~ '(?:^[^0-9]*\u002b)') then '+' else '' end || regexp_replace("a_2_1", '[^0-9]', '', 'g') as "a_2_1"
  from (select *, hash_record_extended(row("record_id", "a_1_1", "a_2_1"), 17) as content_hash, case when record_id is null then hash_record_extended(row("record_id", "a_1_1", "a_2_1"), 17) else hashtextextended('0|orders, row|' || "record_id", 0) end as row_hash
  from (select replace(replace(cast("x"."id" as text), '\', '\\'), '|', '\|') as record_id,
  cast(x."buyer" as text) as "a_1_1",
  cast(x."phone" as text) as "a_2_1"
from "shop"."orders" as x
where ((cast("x"."ordered_at" as timestamp with time zone) at time zone 'UTC') >= timestamp '2026-01-31 08:00:00.000') is not true
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
;

-- Rows of orders with the same identifiers count as one record
-- grain: one row a set of identifiers
/* sluice identity.customer.groups_orders */
create temp table "sl_id_customer_groups_2" as
select r, "id_1", "id_2",
  case when "id_1" is not null then hashtextextended('0|email|' || "id_1", 0) end as "x_1",
  hashtextextended('0, second|email|' || "id_1", 0) as "y_1",
  case when "id_2" is not null then hashtextextended('0|phone|' || "id_2", 0) end as "x_2",
  hashtextextended('0, second|phone|' || "id_2", 0) as "y_2"
from "sl_id_customer_records_2"
where r is not null
group by r, "id_1", "id_2"
;

-- Whether each record has a key and a hash of its own
-- grain: one row
/* sluice identity.customer.check_records */
select count(*) as nodes, count(distinct r) as hashes, count(*) - count(r) as keyless
from (
  select r from "sl_id_customer_records_1"
union all
select r from "sl_id_customer_groups_2"
) as n
;

-- Which records share a value
-- grain: one row an identifier value that two records or more hold
/* sluice identity.customer.stars */
create temp table "sl_id_customer_stars" as
select x, y, 1 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "x_3" as x, "y_3" as y from "sl_id_customer_records_1" where "x_3" is not null
union all
select r, "x_4" as x, "y_4" as y from "sl_id_customer_records_1" where "x_4" is not null
union all
select r, "x_1" as x, "y_1" as y from "sl_id_customer_groups_2" where "x_1" is not null
) as i
group by x, y
having count(*) > 1
union all
select x, y, 2 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "x_5" as x, "y_5" as y from "sl_id_customer_records_1" where "x_5" is not null
union all
select r, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
) as i
group by x, y
having count(*) > 1
union all
select x, y, 3 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "x_1" as x, "y_1" as y from "sl_id_customer_records_1" where "x_1" is not null
) as i
group by x, y
having count(*) > 1
union all
select x, y, 4 as t, min(r) as low, max(r) as high, count(*) as records
from (
  select r, "x_2" as x, "y_2" as y from "sl_id_customer_records_1" where "x_2" is not null
) as i
group by x, y
having count(*) > 1
;

-- How many values are held by too many records
-- grain: one row
/* sluice identity.customer.check_stars */
select count(*) as refused
from "sl_id_customer_stars" as s
where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
;

-- Identifiers become edges between records
-- grain: one row a pair of records that are joined
/* sluice identity.customer.edges */
create temp table "sl_id_customer_edges_0" as
select distinct u, w
from (
  select s.high as u, s.low as w
  from "sl_id_customer_stars" as s
  where s.records = 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  union all
  select i.r as u, s.low as w
  from (
  select r, "x_1" as x, "y_1" as y from "sl_id_customer_records_1" where "x_1" is not null
union all
select r, "x_2" as x, "y_2" as y from "sl_id_customer_records_1" where "x_2" is not null
union all
select r, "x_3" as x, "y_3" as y from "sl_id_customer_records_1" where "x_3" is not null
union all
select r, "x_4" as x, "y_4" as y from "sl_id_customer_records_1" where "x_4" is not null
union all
select r, "x_5" as x, "y_5" as y from "sl_id_customer_records_1" where "x_5" is not null
union all
select r, "x_1" as x, "y_1" as y from "sl_id_customer_groups_2" where "x_1" is not null
union all
select r, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
) as i
  join "sl_id_customer_stars" as s on s.x = i.x and s.y = i.y
  where s.records > 2 and s.records <= case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end and i.r <> s.low
) as joined
;

-- Hooks each record to its least smaller neighbour
-- grain: one row a record that has a smaller neighbour
/* sluice identity.customer.round_1_hook */
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
/* sluice identity.customer.round_1_contract */
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

-- Follows the records of this round through all later ones
-- grain: one row a record that moved
/* sluice identity.customer.round_1_compose */
create temp table "sl_id_customer_labels_1" as
select h.v, coalesce(l.r, h.r) as r
from "sl_id_customer_hooks_1" as h
left join "sl_id_customer_hooks_2" as l on l.v = h.r
union all
select l.v, l.r
from "sl_id_customer_hooks_2" as l
left join "sl_id_customer_hooks_1" as h on h.v = l.v
where h.v is null
;

-- Events whose every identifier links nothing
-- grain: one row an event record
/* sluice identity.customer.unattached */
create temp table "sl_id_customer_unattached" as
select i.r
from (
  select r, "x_1" as x, "y_1" as y from "sl_id_customer_groups_2" where "x_1" is not null
union all
select r, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
) as i
left join (
  select s.x, s.y from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
) as s on s.x = i.x and s.y = i.y
group by i.r
having count(s.x) = count(*)
;

-- What the last build knew of the records that still are
-- grain: one row a record that the last build knew
/* sluice identity.customer.former */
create temp table "sl_id_customer_former" as
select n.r, s.first_run, s.rank_hash, s.owned_id, s.entity_id
from (
  select r, r as h, hashtextextended('0, second|contacts|' || "record_id", 0) as h_second from "sl_id_customer_records_1"
union all
select r, hashtextextended('0|orders|' || md5(case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end), 0) as h, hashtextextended('0, second|orders|' || md5(case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end), 0) as h_second from "sl_id_customer_groups_2" where r not in (select r from "sl_id_customer_unattached")
) as n
join (
  select hashtextextended('0|' || source || '|' || node_key, 0) as h, hashtextextended('0, second|' || source || '|' || node_key, 0) as h_second, first_run, rank_hash, owned_id, entity_id
  from "sluice"."customer_nodes"
) as s on s.h = n.h and s.h_second = n.h_second
;

-- Where an anchor is gone the next member inherits rank and id
-- grain: one row an entity whose anchor is gone
/* sluice identity.customer.heirs */
create temp table "sl_id_customer_heirs" as
with gone as (
  select s.entity_id, s.first_run, s.rank_hash
  from "sluice"."customer_nodes" as s
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
/* sluice identity.customer.known */
create temp table "sl_id_customer_known" as
select k.r, k.first_run, k.rank_hash, k.owned_id, k.former_id, first_value(k.r) over (
  partition by k.c
  order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  rows between unbounded preceding and current row
) as anchor
from (
  select n.r, coalesce(l.r, n.r) as c, coalesce(h.first_run, f.first_run, cast(2 as bigint)) as first_run, coalesce(h.rank_hash, f.rank_hash, n.r) as rank_hash,
    coalesce(h.entity_id, f.owned_id) as owned_id, f.entity_id as former_id
  from (
  select r from "sl_id_customer_records_1"
union all
select r from "sl_id_customer_groups_2" where r not in (select r from "sl_id_customer_unattached")
) as n
  left join "sl_id_customer_labels_1" as l on l.v = n.r
  left join "sl_id_customer_former" as f on f.r = n.r
  left join "sl_id_customer_heirs" as h on h.r = n.r
) as k
;

-- The anchor of each entity, and its id
-- grain: one row an entity
/* sluice identity.customer.anchors */
create temp table "sl_id_customer_anchors" as
select k.r, coalesce(k.owned_id, md5('customer|' || n.source || '|' || n.node_key || '|' || cast(k.first_run as text))) as entity_id
from (
  select r, cast('contacts' as text) as source, "record_id" as node_key, content_hash as content_hash from "sl_id_customer_records_1"
union all
select r, cast('orders' as text) as source, md5(case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end) as node_key, cast(null as bigint) as content_hash from "sl_id_customer_groups_2" where r not in (select r from "sl_id_customer_unattached")
) as n
join "sl_id_customer_known" as k on k.r = n.r
where k.anchor = k.r
;

-- What the next build must know of this one
-- grain: one row a record
/* sluice identity.customer.nodes_out */
create table "sluice"."customer_nodes" as
select n.source, n.node_key, k.first_run, k.rank_hash,
  case when k.anchor = k.r then a.entity_id else k.owned_id end as owned_id,
  a.entity_id, n.r as node_hash, hashtextextended(a.entity_id, 0) as entity_hash, n.content_hash, k.anchor = k.r as is_anchor
from (
  select r, cast('contacts' as text) as source, "record_id" as node_key, content_hash as content_hash from "sl_id_customer_records_1"
union all
select r, cast('orders' as text) as source, md5(case when "id_1" is null then '' else 'email=' || replace(replace("id_1", '\', '\\'), '|', '\|') || '|' end || case when "id_2" is null then '' else 'phone=' || replace(replace("id_2", '\', '\\'), '|', '\|') || '|' end) as node_key, cast(null as bigint) as content_hash from "sl_id_customer_groups_2" where r not in (select r from "sl_id_customer_unattached")
) as n
left join "sl_id_customer_known" as k on k.r = n.r
left join "sl_id_customer_anchors" as a on a.r = k.anchor
;

-- Each record of each source with its entity
-- grain: one row a record
/* sluice identity.customer.identity */
create table "sluice"."customer_identity" as
select source, node_key as record_id, entity_id as "customer_id"
from "sluice"."customer_nodes"
where source not in (cast('orders' as text))
union all
select e.source, e.record_id, min(a.entity_id) as "customer_id"
from (
  select cast('orders' as text) as source, record_id, r from "sl_id_customer_records_2" where record_id is not null
) as e
join "sl_id_customer_known" as k on k.r = e.r
join "sl_id_customer_anchors" as a on a.r = k.anchor
group by e.source, e.record_id
;

-- Records that changed their entity
-- grain: one row a pair of entities
/* sluice identity.customer.moves */
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
/* sluice identity.customer.merges */
create table "sluice"."customer_merges" as
select from_id, into_id, run_id, "merged_at"
from "sluice"."customer_merges"
union all

select m.from_id, m.into_id, cast('run' as text) as run_id, timestamp '2026-01-31 08:00:00.000' as merged_at
from "sl_id_customer_moves" as m
where not m.alive
;

-- Entities that lost records to another and still are
-- grain: one row a pair of entities and a run
/* sluice identity.customer.splits */
create table "sluice"."customer_splits" as
select from_id, into_id, run_id, "split_at"
from "sluice"."customer_splits"
union all

select m.from_id, m.into_id, cast('run' as text) as run_id, timestamp '2026-01-31 08:00:00.000' as split_at
from "sl_id_customer_moves" as m
where m.alive
;

-- Values that link nothing, and why
-- grain: one row an identifier value and reason
/* sluice identity.customer.refused */
create table "sluice"."customer_refused" as
select identifier, encode(sha256(convert_to(value, 'UTF8')), 'hex') as value_hash, value, reason, cast(sum(records) as bigint) as records
from (
  select case s.t when 3 then cast('born' as text) when 4 then cast('code' as text) when 1 then cast('email' as text) when 2 then cast('phone' as text) end as identifier, min(v.value) as value, cast('max_records' as text) as reason, min(s.records) as records
  from "sl_id_customer_stars" as s
  left join (
  select hashtextextended('0|born|' || "id_1", 0) as x, hashtextextended('0, second|born|' || "id_1", 0) as y, "id_1" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5", "ignored_3", "ignored_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", case when ("id_3" collate "C") <= ("id_4" collate "C") then "id_3" else "id_4" end as "id_3", case when ("id_4" collate "C") >= ("id_3" collate "C") then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_3" end as "id_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_4" end as "id_4", "id_5", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_3" end as "ignored_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_4" end as "ignored_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower((btrim("a_1_1", ' 	
') collate "default")), '') as "a_1_1", nullif(lower((btrim("a_1_2", ' 	
') collate "default")), '') as "a_1_2", case when ("a_2_1" collate "C") >= '!' then "a_2_1" when btrim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower((btrim("a_3_1", ' 	
') collate "default")), '') as "a_3_1", nullif(lower((btrim("a_4_1", ' 	
') collate "default")), '') as "a_4_1", case when (("a_5_1" collate "C") ~ '(?:^[^0-9]*\u002b)') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash_record_extended(row("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1"), 17) as content_hash, case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as text), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as text), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as text) as "a_1_1",
  cast(x."birth_date" as text) as "a_1_2",
  cast((upper(code)
) as text) as "a_2_1",
  cast(x."mail" as text) as "a_3_1",
  cast(x."work_mail" as text) as "a_4_1",
  cast(x."mobile" as text) as "a_5_1"
from "crm"."contacts" as x
where true
offset 0) as ids
  where case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids) as ids where "id_1" is not null
union all
select hashtextextended('0|code|' || "id_2", 0) as x, hashtextextended('0, second|code|' || "id_2", 0) as y, "id_2" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5", "ignored_3", "ignored_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", case when ("id_3" collate "C") <= ("id_4" collate "C") then "id_3" else "id_4" end as "id_3", case when ("id_4" collate "C") >= ("id_3" collate "C") then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_3" end as "id_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_4" end as "id_4", "id_5", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_3" end as "ignored_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_4" end as "ignored_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower((btrim("a_1_1", ' 	
') collate "default")), '') as "a_1_1", nullif(lower((btrim("a_1_2", ' 	
') collate "default")), '') as "a_1_2", case when ("a_2_1" collate "C") >= '!' then "a_2_1" when btrim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower((btrim("a_3_1", ' 	
') collate "default")), '') as "a_3_1", nullif(lower((btrim("a_4_1", ' 	
') collate "default")), '') as "a_4_1", case when (("a_5_1" collate "C") ~ '(?:^[^0-9]*\u002b)') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash_record_extended(row("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1"), 17) as content_hash, case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as text), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as text), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as text) as "a_1_1",
  cast(x."birth_date" as text) as "a_1_2",
  cast((upper(code)
) as text) as "a_2_1",
  cast(x."mail" as text) as "a_3_1",
  cast(x."work_mail" as text) as "a_4_1",
  cast(x."mobile" as text) as "a_5_1"
from "crm"."contacts" as x
where true
offset 0) as ids
  where case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids) as ids where "id_2" is not null
union all
select hashtextextended('0|email|' || "id_3", 0) as x, hashtextextended('0, second|email|' || "id_3", 0) as y, "id_3" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5", "ignored_3", "ignored_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", case when ("id_3" collate "C") <= ("id_4" collate "C") then "id_3" else "id_4" end as "id_3", case when ("id_4" collate "C") >= ("id_3" collate "C") then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_3" end as "id_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_4" end as "id_4", "id_5", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_3" end as "ignored_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_4" end as "ignored_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower((btrim("a_1_1", ' 	
') collate "default")), '') as "a_1_1", nullif(lower((btrim("a_1_2", ' 	
') collate "default")), '') as "a_1_2", case when ("a_2_1" collate "C") >= '!' then "a_2_1" when btrim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower((btrim("a_3_1", ' 	
') collate "default")), '') as "a_3_1", nullif(lower((btrim("a_4_1", ' 	
') collate "default")), '') as "a_4_1", case when (("a_5_1" collate "C") ~ '(?:^[^0-9]*\u002b)') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash_record_extended(row("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1"), 17) as content_hash, case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as text), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as text), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as text) as "a_1_1",
  cast(x."birth_date" as text) as "a_1_2",
  cast((upper(code)
) as text) as "a_2_1",
  cast(x."mail" as text) as "a_3_1",
  cast(x."work_mail" as text) as "a_4_1",
  cast(x."mobile" as text) as "a_5_1"
from "crm"."contacts" as x
where true
offset 0) as ids
  where case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids) as ids where "id_3" is not null
union all
select hashtextextended('0|email|' || "id_4", 0) as x, hashtextextended('0, second|email|' || "id_4", 0) as y, "id_4" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5", "ignored_3", "ignored_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", case when ("id_3" collate "C") <= ("id_4" collate "C") then "id_3" else "id_4" end as "id_3", case when ("id_4" collate "C") >= ("id_3" collate "C") then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_3" end as "id_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_4" end as "id_4", "id_5", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_3" end as "ignored_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_4" end as "ignored_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower((btrim("a_1_1", ' 	
') collate "default")), '') as "a_1_1", nullif(lower((btrim("a_1_2", ' 	
') collate "default")), '') as "a_1_2", case when ("a_2_1" collate "C") >= '!' then "a_2_1" when btrim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower((btrim("a_3_1", ' 	
') collate "default")), '') as "a_3_1", nullif(lower((btrim("a_4_1", ' 	
') collate "default")), '') as "a_4_1", case when (("a_5_1" collate "C") ~ '(?:^[^0-9]*\u002b)') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash_record_extended(row("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1"), 17) as content_hash, case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as text), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as text), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as text) as "a_1_1",
  cast(x."birth_date" as text) as "a_1_2",
  cast((upper(code)
) as text) as "a_2_1",
  cast(x."mail" as text) as "a_3_1",
  cast(x."work_mail" as text) as "a_4_1",
  cast(x."mobile" as text) as "a_5_1"
from "crm"."contacts" as x
where true
offset 0) as ids
  where case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids) as ids where "id_4" is not null
union all
select hashtextextended('0|phone|' || "id_5", 0) as x, hashtextextended('0, second|phone|' || "id_5", 0) as y, "id_5" as value from (select record_id,
  "row_hash" as r,
  row_hash, content_hash,
  "id_1", "id_2", "id_3", "id_4", "id_5", "ignored_3", "ignored_4"
from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", nullif("id_3", '') as "id_3", nullif("id_4", '') as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", case when ("id_3" collate "C") <= ("id_4" collate "C") then "id_3" else "id_4" end as "id_3", case when ("id_4" collate "C") >= ("id_3" collate "C") then "id_4" else "id_3" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", "id_5", "ignored_3", "ignored_4", coalesce("id_3", '') as "id_3", case when "id_4" is null or "id_4" in ("id_3") then '' else "id_4" end as "id_4"
  from (select record_id, row_hash, content_hash, "id_1", "id_2", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_3" end as "id_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then null else "id_4" end as "id_4", "id_5", case when "id_3" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_3" end as "ignored_3", case when "id_4" in (select value from "sl_id_customer_ignored" where t = 1 and value is not null) then "id_4" end as "ignored_4"
  from (select record_id, row_hash, content_hash, replace(replace("a_1_1", '\', '\\'), '|', '\|') || '|' || replace(replace("a_1_2", '\', '\\'), '|', '\|') as "id_1", "a_2_1" as "id_2", "a_3_1" as "id_3", "a_4_1" as "id_4", "a_5_1" as "id_5"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when length("a_5_1") between 8 and 15 then '+' || "a_5_1" end as "a_5_1"
  from (select record_id, row_hash, content_hash, "a_1_1" as "a_1_1", "a_1_2" as "a_1_2", "a_2_1" as "a_2_1", "a_3_1" as "a_3_1", "a_4_1" as "a_4_1", case when starts_with("a_5_1", '+') then substring("a_5_1", 2)
    when starts_with("a_5_1", '00') then substring("a_5_1", 3)
    else '33' || case when starts_with("a_5_1", '0') then substring("a_5_1", 2) else "a_5_1" end end as "a_5_1"
  from (select record_id, row_hash, content_hash, nullif(lower((btrim("a_1_1", ' 	
') collate "default")), '') as "a_1_1", nullif(lower((btrim("a_1_2", ' 	
') collate "default")), '') as "a_1_2", case when ("a_2_1" collate "C") >= '!' then "a_2_1" when btrim("a_2_1", ' 	
') <> '' then "a_2_1" end as "a_2_1", nullif(lower((btrim("a_3_1", ' 	
') collate "default")), '') as "a_3_1", nullif(lower((btrim("a_4_1", ' 	
') collate "default")), '') as "a_4_1", case when (("a_5_1" collate "C") ~ '(?:^[^0-9]*\u002b)') then '+' else '' end || regexp_replace("a_5_1", '[^0-9]', '', 'g') as "a_5_1"
  from (select *, hash_record_extended(row("record_id", "a_1_1", "a_1_2", "a_2_1", "a_3_1", "a_4_1", "a_5_1"), 17) as content_hash, case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end as row_hash
  from (select *
  from (select replace(replace(cast("x"."tenant" as text), '\', '\\'), '|', '\|') || '|' || replace(replace(cast("x"."id" as text), '\', '\\'), '|', '\|') as record_id,
  cast(x."last_name" as text) as "a_1_1",
  cast(x."birth_date" as text) as "a_1_2",
  cast((upper(code)
) as text) as "a_2_1",
  cast(x."mail" as text) as "a_3_1",
  cast(x."work_mail" as text) as "a_4_1",
  cast(x."mobile" as text) as "a_5_1"
from "crm"."contacts" as x
where true
offset 0) as ids
  where case when record_id is not null then hashtextextended('0|contacts|' || "record_id", 0) end in (select s.low from "sl_id_customer_stars" as s where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end)
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids
offset 0) as ids) as ids where "id_5" is not null
union all
select "x_1" as x, "y_1" as y, "id_1" as value from "sl_id_customer_groups_2" where "id_1" is not null
union all
select "x_2" as x, "y_2" as y, "id_2" as value from "sl_id_customer_groups_2" where "id_2" is not null
) as v on v.x = s.x and v.y = s.y
  where s.records > case s.t when 1 then 500 when 2 then 1000 when 3 then 1000 when 4 then 1000 end
  group by s.t, s.x, s.y
union all
select cast('email' as text) as identifier, "ignored_3" as value, cast('ignore' as text) as reason, count(*) as records
  from "sl_id_customer_records_1"
  where "ignored_3" is not null
  group by "ignored_3"
union all
select cast('email' as text) as identifier, "ignored_4" as value, cast('ignore' as text) as reason, count(*) as records
  from "sl_id_customer_records_1"
  where "ignored_4" is not null
  group by "ignored_4"
union all
select cast('email' as text) as identifier, "ignored_1" as value, cast('ignore' as text) as reason, count(*) as records
  from "sl_id_customer_records_2"
  where "ignored_1" is not null
  group by "ignored_1"
) as refused
group by identifier, value, reason
;

-- Which values each node holds, as hashes
-- grain: one row a node and value
/* sluice identity.customer.node_ids */
create table "sluice"."customer_node_ids" as
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
select r, (-1) as t, hashtextextended('0|email|' || "ignored_3", 0) as x, hashtextextended('0, second|email|' || "ignored_3", 0) as y from "sl_id_customer_records_1" where "ignored_3" is not null
union all
select r, (-1) as t, hashtextextended('0|email|' || "ignored_4", 0) as x, hashtextextended('0, second|email|' || "ignored_4", 0) as y from "sl_id_customer_records_1" where "ignored_4" is not null
union all
select r, 1 as t, "x_1" as x, "y_1" as y from "sl_id_customer_groups_2" where "x_1" is not null
union all
select r, 2 as t, "x_2" as x, "y_2" as y from "sl_id_customer_groups_2" where "x_2" is not null
union all
select row_hash as r, (-1) as t, hashtextextended('0|email|' || "ignored_1", 0) as x, hashtextextended('0, second|email|' || "ignored_1", 0) as y from "sl_id_customer_records_2" where "ignored_1" is not null
;

-- Which node each event is part of
-- grain: one row a row of an event source
/* sluice identity.customer.node_rows */
create table "sluice"."customer_node_rows" as
select cast('orders' as text) as source, row_hash, content_hash, r as node_hash from "sl_id_customer_records_2"
;

-- How the state was made
-- grain: one row
/* sluice identity.customer.stitch */
create table "sluice"."customer_stitch" as
select 3 as form, cast('engine' as text) as engine, cast('fingerprint email,phone,born,code' as text) as rules, 0 as salt, timestamp '2026-01-31 08:00:00.000' as as_of,
  (select count(*) from "sluice"."customer_identity") as records, (select count(*) from "sl_id_customer_anchors") as entities, (select count(*) from (
  select row_hash from "sluice"."customer_node_rows"
  where node_hash is not null
  group by row_hash
  having min(node_hash) <> max(node_hash)
) as twice) as repeated_keys
;
