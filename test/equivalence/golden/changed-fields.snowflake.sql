-- The rows that fields were made of, as hashes
-- grain: one row a row that may reach an entity; equal ones are counted
/* sluice profile.customer.field_rows */
create temporary table "CUSTOMER_FIELD_ROWS" as
select c, e, 1 as n
from (select hash(cast('contacts' as varchar), replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|'), cast(convert_timezone('UTC', cast(r."UPDATED_AT" as timestamp_tz)) as timestamp_ntz(6)), r."EMAIL", r."COUNTRY", r."FIRST_NAME") as c, hash('contacts' || '|' || replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|')) as e
from "CRM"."CONTACTS" as r
where replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|') is not null) as rows_of
union all
select c, e, count(*) as n
from (select hash(cast('orders' as varchar), replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|'), cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)), r."CUSTOMER_EMAIL") as c, hash('orders' || '|' || replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|')) as e
from "SHOP"."ORDERS" as r
where replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|') is not null
  and (cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))) is distinct from true) as rows_of
group by c, e
;

-- How fields were made
-- grain: one row
/* sluice profile.customer.field_state */
create temporary table "CUSTOMER_FIELD_STATE" as
select 1 as form, cast('engine' as varchar) as engine, cast('fingerprint' as varchar) as rules, cast('run' as varchar) as run_id
;

-- How the published fields were made
-- grain: one row
/* sluice profile.customer.changes.state */
select form, engine, rules, run_id from "CUSTOMER_FIELD_STATE"
;

-- Rows that are not as they were when the fields were made
-- grain: one row a row, equal ones once
/* sluice profile.customer.changes.diff */
create temporary table "SL_FIELDS_CUSTOMER_DIFF" as
select coalesce(s.c, w.c) as c, coalesce(s.e, w.e) as e, coalesce(s.n, 0) as n
from (
select c, e, 1 as n
from (select hash(cast('contacts' as varchar), replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|'), cast(convert_timezone('UTC', cast(r."UPDATED_AT" as timestamp_tz)) as timestamp_ntz(6)), r."EMAIL", r."COUNTRY", r."FIRST_NAME") as c, hash('contacts' || '|' || replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|')) as e
from "CRM"."CONTACTS" as r
where replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|') is not null) as rows_of
union all
select c, e, count(*) as n
from (select hash(cast('orders' as varchar), replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|'), cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)), r."CUSTOMER_EMAIL") as c, hash('orders' || '|' || replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|')) as e
from "SHOP"."ORDERS" as r
where replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|') is not null
  and (cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))) is distinct from true) as rows_of
group by c, e
) as s
full outer join "CUSTOMER_FIELD_ROWS" as w on w.c = s.c and w.e = s.e
where s.n is null or w.n is null or s.n <> w.n
;

-- Each customer that won or lost a record
-- grain: one row a customer
/* sluice profile.customer.changes.moved */
create temporary table "SL_FIELDS_CUSTOMER_MOVED" as
with "CUSTOMER_MOVED_1" as (
select n."CUSTOMER_ID" as is_of, w."CUSTOMER_ID" as was_of
from "CUSTOMER_IDENTITY" as n
full outer join "CUSTOMER_IDENTITY" as w on w.record_id = n.record_id and w.source = n.source
where n."CUSTOMER_ID" is null or w."CUSTOMER_ID" is null or n."CUSTOMER_ID" <> w."CUSTOMER_ID")
select is_of as entity_id from "CUSTOMER_MOVED_1" where is_of is not null
union
select was_of as entity_id from "CUSTOMER_MOVED_1" where was_of is not null
;

-- Each customer whose records or rows are not as they were
-- grain: one row a customer
/* sluice profile.customer.changes.changed */
create temporary table "SL_FIELDS_CUSTOMER_CHANGED" as
select i."CUSTOMER_ID"
from "CUSTOMER_IDENTITY" as i
where hash(i.source || '|' || i.record_id) in (select e from "SL_FIELDS_CUSTOMER_DIFF")
union
select entity_id as "CUSTOMER_ID"
from "SL_TOUCHED"
;

-- Their records
-- grain: one row a record
/* sluice profile.customer.changes.records */
create temporary table "SL_FIELDS_CUSTOMER_RECORDS" as
select source, record_id, "CUSTOMER_ID"
from "CUSTOMER_IDENTITY"
where "CUSTOMER_ID" in (select "CUSTOMER_ID" from "SL_FIELDS_CUSTOMER_CHANGED")
;

-- Rows of contacts and the customer that each reaches
-- grain: one row a row of contacts that reaches a customer
/* sluice reach.customer.contacts */
create temporary table "SL_REACH_CUSTOMER_CONTACTS" as
select i."CUSTOMER_ID" as "CUSTOMER_ID",
  replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|') as "_RECORD_ID",
  cast(convert_timezone('UTC', cast(r."UPDATED_AT" as timestamp_tz)) as timestamp_ntz(6)) as "_RECENCY",
  r."EMAIL" as "EMAIL",
  r."COUNTRY" as "COUNTRY",
  r."FIRST_NAME" as "FIRST_NAME"
from "CRM"."CONTACTS" as r
join "SL_FIELDS_CUSTOMER_RECORDS" as i on i.source = 'contacts'
  and i.record_id = replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|')
;

-- Rows of orders and the customer that each reaches
-- grain: one row a row of orders that reaches a customer
/* sluice reach.customer.orders */
create temporary table "SL_REACH_CUSTOMER_ORDERS" as
select i."CUSTOMER_ID" as "CUSTOMER_ID",
  cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) as "_AT",
  replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|') as "_RECORD_ID",
  cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) as "_RECENCY",
  r."CUSTOMER_EMAIL" as "CUSTOMER_EMAIL"
from "SHOP"."ORDERS" as r
join "SL_FIELDS_CUSTOMER_RECORDS" as i on i.source = 'orders'
  and i.record_id = replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|')
where (cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))) is distinct from true
;

-- The most recent value for email
-- grain: one row a customer with a value
/* sluice profile.customer.email */
create temporary table "SL_PROFILE_CUSTOMER_EMAIL" as
with "CUSTOMER_CANDIDATES_1" as (
select r."CUSTOMER_ID", r."EMAIL" as value, 1 as preference,
  r."_RECENCY" as recency, r."_RECORD_ID" as record_id
from "SL_REACH_CUSTOMER_CONTACTS" as r
where r."EMAIL" is not null and cast(r."EMAIL" as varchar) <> ''
union all
select r."CUSTOMER_ID", r."CUSTOMER_EMAIL" as value, 2 as preference,
  r."_RECENCY" as recency, r."_RECORD_ID" as record_id
from "SL_REACH_CUSTOMER_ORDERS" as r
where r."CUSTOMER_EMAIL" is not null and cast(r."CUSTOMER_EMAIL" as varchar) <> ''),
"CUSTOMER_RANKED_1" as (
select c.*, row_number() over (
    partition by c."CUSTOMER_ID" order by c.recency desc nulls last, c.preference asc nulls last, c.record_id asc nulls last) as place
from "CUSTOMER_CANDIDATES_1" as c)
select "CUSTOMER_ID", value as "EMAIL"
from "CUSTOMER_RANKED_1"
where place = 1
;

-- The most frequent value for country
-- grain: one row a customer with a value
/* sluice profile.customer.country */
create temporary table "SL_PROFILE_CUSTOMER_COUNTRY" as
with "CUSTOMER_CANDIDATES_1" as (
select r."CUSTOMER_ID", r."COUNTRY" as value, 1 as preference,
  r."_RECENCY" as recency, r."_RECORD_ID" as record_id
from "SL_REACH_CUSTOMER_CONTACTS" as r
where r."COUNTRY" is not null and cast(r."COUNTRY" as varchar) <> ''),
"CUSTOMER_COUNTED_1" as (
select "CUSTOMER_ID", value, count(*) as times
from "CUSTOMER_CANDIDATES_1"
group by "CUSTOMER_ID", value),
"CUSTOMER_RANKED_1" as (
select c.*, row_number() over (
    partition by c."CUSTOMER_ID" order by c.times desc nulls last, c.value asc nulls last) as place
from "CUSTOMER_COUNTED_1" as c)
select "CUSTOMER_ID", value as "COUNTRY"
from "CUSTOMER_RANKED_1"
where place = 1
;

-- The longest value for name
-- grain: one row a customer with a value
/* sluice profile.customer.name */
create temporary table "SL_PROFILE_CUSTOMER_NAME" as
with "CUSTOMER_CANDIDATES_1" as (
select r."CUSTOMER_ID", r."FIRST_NAME" as value, 1 as preference,
  length(cast(r."FIRST_NAME" as varchar)) as size,
  r."_RECENCY" as recency, r."_RECORD_ID" as record_id
from "SL_REACH_CUSTOMER_CONTACTS" as r
where r."FIRST_NAME" is not null and cast(r."FIRST_NAME" as varchar) <> ''),
"CUSTOMER_RANKED_1" as (
select c.*, row_number() over (
    partition by c."CUSTOMER_ID" order by c.size desc nulls last, c.recency desc nulls last, c.preference asc nulls last, c.record_id asc nulls last) as place
from "CUSTOMER_CANDIDATES_1" as c)
select "CUSTOMER_ID", value as "NAME"
from "CUSTOMER_RANKED_1"
where place = 1
;

-- One row a customer: fields and traits
-- grain: one row a customer
/* sluice profile.customer */
create temporary table "SL_FIELDS_CUSTOMER_MADE" as
select b."CUSTOMER_ID",
  "T1"."EMAIL",
  "T2"."COUNTRY",
  "T3"."NAME"
from (select distinct "CUSTOMER_ID" from "SL_FIELDS_CUSTOMER_RECORDS") as b
left join "SL_PROFILE_CUSTOMER_EMAIL" as "T1" on "T1"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_PROFILE_CUSTOMER_COUNTRY" as "T2" on "T2"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_PROFILE_CUSTOMER_NAME" as "T3" on "T3"."CUSTOMER_ID" = b."CUSTOMER_ID"
;

-- Whether columns have the types that they had
-- grain: one row
/* sluice profile.customer.changes.shapes */
select (select case when count(name || ' ' || type) > 0 then listagg(name || ' ' || type, ', ') within group (order by position) end
from (select case when regexp_instr(column_name, '^[A-Z_][A-Z0-9_]*$') > 0 then lower(column_name) else column_name end as name,
  case when data_type = 'NUMBER' then 'NUMBER(' || numeric_precision || ',' || numeric_scale || ')' else data_type end as type,
  ordinal_position as position
from information_schema.columns
where table_schema = current_schema() and table_name = 'CUSTOMER') as columns_of
where name in ('customer_id', 'email', 'country', 'name')) as published,
  (select case when count(name || ' ' || type) > 0 then listagg(name || ' ' || type, ', ') within group (order by position) end
from (select case when regexp_instr(column_name, '^[A-Z_][A-Z0-9_]*$') > 0 then lower(column_name) else column_name end as name,
  case when data_type = 'NUMBER' then 'NUMBER(' || numeric_precision || ',' || numeric_scale || ')' else data_type end as type,
  ordinal_position as position
from information_schema.columns
where table_schema = current_schema() and table_name = 'SL_FIELDS_CUSTOMER_MADE') as columns_of
where name in ('customer_id', 'email', 'country', 'name')) as made
;

-- How many of them are published
-- grain: one row
/* sluice profile.customer.changes.check */
select count(*) as published
from "CUSTOMER"
where "CUSTOMER_ID" in (select "CUSTOMER_ID" from "SL_FIELDS_CUSTOMER_CHANGED")
;

-- Each customer with its fields
-- grain: one row a customer
/* sluice profile.customer.changes.view */
create temporary table "SL_FIELDS_CUSTOMER_VIEW" as
select "CUSTOMER_ID", "EMAIL", "COUNTRY", "NAME"
from "CUSTOMER" as p
where not exists (select 1 from "SL_FIELDS_CUSTOMER_CHANGED" as t where t."CUSTOMER_ID" = p."CUSTOMER_ID")
union all
select "CUSTOMER_ID", "EMAIL", "COUNTRY", "NAME"
from "SL_FIELDS_CUSTOMER_MADE"
;

-- Takes out what was computed again
-- grain: one row a row that changes
/* sluice profile.customer.changes.remove_profiles */
delete from "CUSTOMER"
where "CUSTOMER_ID" in (select "CUSTOMER_ID" from "SL_FIELDS_CUSTOMER_CHANGED")
;

-- Adds what was computed again
-- grain: one row a row that changes
/* sluice profile.customer.changes.add_profiles */
insert into "CUSTOMER" ("CUSTOMER_ID", "EMAIL", "COUNTRY", "NAME")
select "CUSTOMER_ID", "EMAIL", "COUNTRY", "NAME" from "SL_FIELDS_CUSTOMER_MADE"
;

-- Takes out rows that are not as they were
-- grain: one row a row that changes
/* sluice profile.customer.changes.remove_rows */
delete from "CUSTOMER_FIELD_ROWS"
where exists (select 1 from "SL_FIELDS_CUSTOMER_DIFF" as g where g.c = "CUSTOMER_FIELD_ROWS".c and g.e = "CUSTOMER_FIELD_ROWS".e)
;

-- Adds rows that are new
-- grain: one row a row that changes
/* sluice profile.customer.changes.add_rows */
insert into "CUSTOMER_FIELD_ROWS" (c, e, n)
select c, e, n from "SL_FIELDS_CUSTOMER_DIFF" where n > 0
;

-- Says which build the fields are of
-- grain: one row
/* sluice profile.customer.changes.publish_state */
update "CUSTOMER_FIELD_STATE" set run_id = 'next_run' where true
;
