-- The rows that fields were made of, as hashes
-- grain: one row a row that may reach an entity; equal ones are counted
/* sluice profile.customer.field_rows */
create temp table "customer_field_rows" as
select c, e, 1 as n
from (select hash(cast('contacts' as varchar), replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|'), case when typeof(r."updated_at") = 'VARCHAR' then cast(cast(r."updated_at" as timestamp with time zone) as timestamp) else cast(r."updated_at" as timestamp) end, r."email", r."country", r."first_name", case when typeof(cast('contacts' as varchar)) = 'VARCHAR' then '.' || cast(cast('contacts' as varchar) as varchar) end, case when typeof(replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|')) = 'VARCHAR' then '.' || cast(replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|') as varchar) end, case when typeof(case when typeof(r."updated_at") = 'VARCHAR' then cast(cast(r."updated_at" as timestamp with time zone) as timestamp) else cast(r."updated_at" as timestamp) end) = 'VARCHAR' then '.' || cast(case when typeof(r."updated_at") = 'VARCHAR' then cast(cast(r."updated_at" as timestamp with time zone) as timestamp) else cast(r."updated_at" as timestamp) end as varchar) end, case when typeof(r."email") = 'VARCHAR' then '.' || cast(r."email" as varchar) end, case when typeof(r."country") = 'VARCHAR' then '.' || cast(r."country" as varchar) end, case when typeof(r."first_name") = 'VARCHAR' then '.' || cast(r."first_name" as varchar) end) as c, hash('contacts' || '|' || replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|'), '.' || 'contacts' || '|' || replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|')) as e
from "crm"."contacts" as r
where replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|') is not null) as rows_of
union all
select c, e, count(*) as n
from (select hash(cast('orders' as varchar), replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|'), case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end, r."customer_email", case when typeof(cast('orders' as varchar)) = 'VARCHAR' then '.' || cast(cast('orders' as varchar) as varchar) end, case when typeof(replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|')) = 'VARCHAR' then '.' || cast(replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|') as varchar) end, case when typeof(case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end) = 'VARCHAR' then '.' || cast(case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end as varchar) end, case when typeof(r."customer_email") = 'VARCHAR' then '.' || cast(r."customer_email" as varchar) end) as c, hash('orders' || '|' || replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|'), '.' || 'orders' || '|' || replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|')) as e
from "shop"."orders" as r
where replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|') is not null
  and (case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end >= timestamp '2025-09-30 08:00:00.000') is not true) as rows_of
group by c, e
;

-- How fields were made
-- grain: one row
/* sluice profile.customer.field_state */
create temp table "customer_field_state" as
select 1 as form, cast('engine' as varchar) as engine, cast('fingerprint' as varchar) as rules, cast('run' as varchar) as run_id
;

-- How the published fields were made
-- grain: one row
/* sluice profile.customer.changes.state */
select form, engine, rules, run_id from "customer_field_state"
;

-- Rows that are not as they were when the fields were made
-- grain: one row a row, equal ones once
/* sluice profile.customer.changes.diff */
create temp table "sl_fields_customer_diff" as
select coalesce(s.c, w.c) as c, coalesce(s.e, w.e) as e, coalesce(s.n, 0) as n
from (
select c, e, 1 as n
from (select hash(cast('contacts' as varchar), replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|'), case when typeof(r."updated_at") = 'VARCHAR' then cast(cast(r."updated_at" as timestamp with time zone) as timestamp) else cast(r."updated_at" as timestamp) end, r."email", r."country", r."first_name", case when typeof(cast('contacts' as varchar)) = 'VARCHAR' then '.' || cast(cast('contacts' as varchar) as varchar) end, case when typeof(replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|')) = 'VARCHAR' then '.' || cast(replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|') as varchar) end, case when typeof(case when typeof(r."updated_at") = 'VARCHAR' then cast(cast(r."updated_at" as timestamp with time zone) as timestamp) else cast(r."updated_at" as timestamp) end) = 'VARCHAR' then '.' || cast(case when typeof(r."updated_at") = 'VARCHAR' then cast(cast(r."updated_at" as timestamp with time zone) as timestamp) else cast(r."updated_at" as timestamp) end as varchar) end, case when typeof(r."email") = 'VARCHAR' then '.' || cast(r."email" as varchar) end, case when typeof(r."country") = 'VARCHAR' then '.' || cast(r."country" as varchar) end, case when typeof(r."first_name") = 'VARCHAR' then '.' || cast(r."first_name" as varchar) end) as c, hash('contacts' || '|' || replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|'), '.' || 'contacts' || '|' || replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|')) as e
from "crm"."contacts" as r
where replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|') is not null) as rows_of
union all
select c, e, count(*) as n
from (select hash(cast('orders' as varchar), replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|'), case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end, r."customer_email", case when typeof(cast('orders' as varchar)) = 'VARCHAR' then '.' || cast(cast('orders' as varchar) as varchar) end, case when typeof(replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|')) = 'VARCHAR' then '.' || cast(replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|') as varchar) end, case when typeof(case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end) = 'VARCHAR' then '.' || cast(case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end as varchar) end, case when typeof(r."customer_email") = 'VARCHAR' then '.' || cast(r."customer_email" as varchar) end) as c, hash('orders' || '|' || replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|'), '.' || 'orders' || '|' || replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|')) as e
from "shop"."orders" as r
where replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|') is not null
  and (case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end >= timestamp '2025-09-30 08:00:00.000') is not true) as rows_of
group by c, e
) as s
full outer join "customer_field_rows" as w on w.c = s.c and w.e = s.e
where s.n is null or w.n is null or s.n <> w.n
;

-- Each customer that won or lost a record
-- grain: one row a customer
/* sluice profile.customer.changes.moved */
create temp table "sl_fields_customer_moved" as
with "customer_moved_1" as (
select n."customer_id" as is_of, w."customer_id" as was_of
from "customer_identity" as n
full outer join "customer_identity" as w on w.record_id = n.record_id and w.source = n.source
where n."customer_id" is null or w."customer_id" is null or n."customer_id" <> w."customer_id")
select is_of as entity_id from "customer_moved_1" where is_of is not null
union
select was_of as entity_id from "customer_moved_1" where was_of is not null
;

-- Each customer whose records or rows are not as they were
-- grain: one row a customer
/* sluice profile.customer.changes.changed */
create temp table "sl_fields_customer_changed" as
select i."customer_id"
from "customer_identity" as i
where hash(i.source || '|' || i.record_id, '.' || i.source || '|' || i.record_id) in (select e from "sl_fields_customer_diff")
union
select entity_id as "customer_id"
from "sl_touched"
;

-- Their records
-- grain: one row a record
/* sluice profile.customer.changes.records */
create temp table "sl_fields_customer_records" as
select source, record_id, "customer_id"
from "customer_identity"
where "customer_id" in (select "customer_id" from "sl_fields_customer_changed")
;

-- Rows of contacts and the customer that each reaches
-- grain: one row a row of contacts that reaches a customer
/* sluice reach.customer.contacts */
create temp table "sl_reach_customer_contacts" as
select i."customer_id" as "customer_id",
  replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|') as "_record_id",
  case when typeof(r."updated_at") = 'VARCHAR' then cast(cast(r."updated_at" as timestamp with time zone) as timestamp) else cast(r."updated_at" as timestamp) end as "_recency",
  r."email" as "email",
  r."country" as "country",
  r."first_name" as "first_name"
from "crm"."contacts" as r
join "sl_fields_customer_records" as i on i.source = 'contacts'
  and i.record_id = replace(replace(cast(r."contact_id" as varchar), '\', '\\'), '|', '\|')
;

-- Rows of orders and the customer that each reaches
-- grain: one row a row of orders that reaches a customer
/* sluice reach.customer.orders */
create temp table "sl_reach_customer_orders" as
select i."customer_id" as "customer_id",
  case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end as "_at",
  replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|') as "_record_id",
  case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end as "_recency",
  r."customer_email" as "customer_email"
from "shop"."orders" as r
join "sl_fields_customer_records" as i on i.source = 'orders'
  and i.record_id = replace(replace(cast(r."order_id" as varchar), '\', '\\'), '|', '\|')
where (case when typeof(r."ordered_at") = 'VARCHAR' then cast(cast(r."ordered_at" as timestamp with time zone) as timestamp) else cast(r."ordered_at" as timestamp) end >= timestamp '2025-09-30 08:00:00.000') is not true
;

-- The most recent value for email
-- grain: one row a customer with a value
/* sluice profile.customer.email */
create temp table "sl_profile_customer_email" as
with "customer_candidates_1" as (
select r."customer_id", r."email" as value, 1 as preference,
  r."_recency" as recency, r."_record_id" as record_id
from "sl_reach_customer_contacts" as r
where r."email" is not null and cast(r."email" as varchar) <> ''
union all
select r."customer_id", r."customer_email" as value, 2 as preference,
  r."_recency" as recency, r."_record_id" as record_id
from "sl_reach_customer_orders" as r
where r."customer_email" is not null and cast(r."customer_email" as varchar) <> ''),
"customer_ranked_1" as (
select c.*, row_number() over (
    partition by c."customer_id" order by c.recency desc nulls last, c.preference asc nulls last, c.record_id asc nulls last) as place
from "customer_candidates_1" as c)
select "customer_id", value as "email"
from "customer_ranked_1"
where place = 1
;

-- The most frequent value for country
-- grain: one row a customer with a value
/* sluice profile.customer.country */
create temp table "sl_profile_customer_country" as
with "customer_candidates_1" as (
select r."customer_id", r."country" as value, 1 as preference,
  r."_recency" as recency, r."_record_id" as record_id
from "sl_reach_customer_contacts" as r
where r."country" is not null and cast(r."country" as varchar) <> ''),
"customer_counted_1" as (
select "customer_id", value, count(*) as times
from "customer_candidates_1"
group by "customer_id", value),
"customer_ranked_1" as (
select c.*, row_number() over (
    partition by c."customer_id" order by c.times desc nulls last, c.value asc nulls last) as place
from "customer_counted_1" as c)
select "customer_id", value as "country"
from "customer_ranked_1"
where place = 1
;

-- The longest value for name
-- grain: one row a customer with a value
/* sluice profile.customer.name */
create temp table "sl_profile_customer_name" as
with "customer_candidates_1" as (
select r."customer_id", r."first_name" as value, 1 as preference,
  length(cast(r."first_name" as varchar)) as size,
  r."_recency" as recency, r."_record_id" as record_id
from "sl_reach_customer_contacts" as r
where r."first_name" is not null and cast(r."first_name" as varchar) <> ''),
"customer_ranked_1" as (
select c.*, row_number() over (
    partition by c."customer_id" order by c.size desc nulls last, c.recency desc nulls last, c.preference asc nulls last, c.record_id asc nulls last) as place
from "customer_candidates_1" as c)
select "customer_id", value as "name"
from "customer_ranked_1"
where place = 1
;

-- One row a customer: fields and traits
-- grain: one row a customer
/* sluice profile.customer */
create temp table "sl_fields_customer_made" as
select b."customer_id",
  "t1"."email",
  "t2"."country",
  "t3"."name"
from (select distinct "customer_id" from "sl_fields_customer_records") as b
left join "sl_profile_customer_email" as "t1" on "t1"."customer_id" = b."customer_id"
left join "sl_profile_customer_country" as "t2" on "t2"."customer_id" = b."customer_id"
left join "sl_profile_customer_name" as "t3" on "t3"."customer_id" = b."customer_id"
;

-- Whether columns have the types that they had
-- grain: one row
/* sluice profile.customer.changes.shapes */
select (select string_agg(name || ' ' || type, ', ' order by position)
from (select column_name as name, data_type as type, column_index as position
from duckdb_columns()
where database_name = 'temp' and schema_name = 'main' and table_name = 'customer') as columns_of
where name in ('customer_id', 'email', 'country', 'name')) as published,
  (select string_agg(name || ' ' || type, ', ' order by position)
from (select column_name as name, data_type as type, column_index as position
from duckdb_columns()
where database_name = 'temp' and schema_name = 'main' and table_name = 'sl_fields_customer_made') as columns_of
where name in ('customer_id', 'email', 'country', 'name')) as made
;

-- How many of them are published
-- grain: one row
/* sluice profile.customer.changes.check */
select count(*) as published
from "customer"
where "customer_id" in (select "customer_id" from "sl_fields_customer_changed")
;

-- Each customer with its fields
-- grain: one row a customer
/* sluice profile.customer.changes.view */
create temp table "sl_fields_customer_view" as
select "customer_id", "email", "country", "name"
from "customer" as p
where not exists (select 1 from "sl_fields_customer_changed" as t where t."customer_id" = p."customer_id")
union all
select "customer_id", "email", "country", "name"
from "sl_fields_customer_made"
;

-- Takes out what was computed again
-- grain: one row a row that changes
/* sluice profile.customer.changes.remove_profiles */
delete from "customer"
where "customer_id" in (select "customer_id" from "sl_fields_customer_changed")
;

-- Adds what was computed again
-- grain: one row a row that changes
/* sluice profile.customer.changes.add_profiles */
insert into "customer" ("customer_id", "email", "country", "name")
select "customer_id", "email", "country", "name" from "sl_fields_customer_made"
;

-- Takes out rows that are not as they were
-- grain: one row a row that changes
/* sluice profile.customer.changes.remove_rows */
delete from "customer_field_rows"
where exists (select 1 from "sl_fields_customer_diff" as g where g.c = "customer_field_rows".c and g.e = "customer_field_rows".e)
;

-- Adds rows that are new
-- grain: one row a row that changes
/* sluice profile.customer.changes.add_rows */
insert into "customer_field_rows" (c, e, n)
select c, e, n from "sl_fields_customer_diff" where n > 0
;

-- Says which build the fields are of
-- grain: one row
/* sluice profile.customer.changes.publish_state */
update "customer_field_state" set run_id = 'next_run' where true
;
