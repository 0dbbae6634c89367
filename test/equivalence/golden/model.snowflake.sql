-- Rows of contacts and the customer that each reaches
-- grain: one row a row of contacts that reaches a customer
/* sluice reach.customer.contacts */
create temporary table "SL_REACH_CUSTOMER_CONTACTS" as
select i."CUSTOMER_ID" as "CUSTOMER_ID",
  replace(replace(cast(r."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|') as "_RECORD_ID",
  cast(convert_timezone('UTC', cast(r."UPDATED_AT" as timestamp_tz)) as timestamp_ntz(6)) as "_RECENCY",
  r."EMAIL" as "EMAIL",
  r."COUNTRY" as "COUNTRY",
  r."FIRST_NAME" as "FIRST_NAME",
  r."ADS_OK" as "ADS_OK"
from "CRM"."CONTACTS" as r
join "CUSTOMER_IDENTITY" as i on i.source = 'contacts'
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
  r."CUSTOMER_EMAIL" as "CUSTOMER_EMAIL",
  r."STATUS" as "STATUS",
  r."TOTAL" as "TOTAL",
  r."ORDERED_AT" as "ORDERED_AT",
  r."STORE_ID" as "STORE_ID"
from "SHOP"."ORDERS" as r
join "CUSTOMER_IDENTITY" as i on i.source = 'orders'
  and i.record_id = replace(replace(cast(r."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|')
where (cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))) is distinct from true
;

-- Rows of order_items and the customer that each reaches through orders
-- grain: one row a row of order_items that reaches a customer
/* sluice reach.customer.order_items */
create temporary table "SL_REACH_CUSTOMER_ORDER_ITEMS" as
select i."CUSTOMER_ID" as "CUSTOMER_ID",
  cast(convert_timezone('UTC', cast("P1"."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) as "_AT",
  r."SKU" as "SKU",
  r."BEST_BEFORE" as "BEST_BEFORE"
from "SHOP"."ORDER_ITEMS" as r
join "SHOP"."ORDERS" as "P1" on cast("P1"."ORDER_ID" as varchar) = cast(r."ORDER_ID" as varchar)
join "CUSTOMER_IDENTITY" as i on i.source = 'orders'
  and i.record_id = replace(replace(cast("P1"."ORDER_ID" as varchar), '\\', '\\\\'), '|', '\\|')
where (cast(convert_timezone('UTC', cast("P1"."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))) is distinct from true
;

-- Rows of orders and the store that each reaches through stores
-- grain: one row a row of orders that reaches a store
/* sluice reach.store.orders */
create temporary table "SL_REACH_STORE_ORDERS" as
select cast("P1"."ID" as varchar) as "STORE_ID",
  cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) as "_AT"
from "SHOP"."ORDERS" as r
join "SHOP"."STORES" as "P1" on cast("P1"."ID" as varchar) = cast(r."STORE_ID" as varchar)
where cast("P1"."ID" as varchar) is not null
  and (cast(convert_timezone('UTC', cast(r."ORDERED_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))) is distinct from true
;

-- Rows of visits and the customer that each reaches through contacts
-- grain: one row a row of visits that reaches a customer
/* sluice reach.customer.visits */
create temporary table "SL_REACH_CUSTOMER_VISITS" as
select i."CUSTOMER_ID" as "CUSTOMER_ID",
  cast(convert_timezone('UTC', cast(r."AT" as timestamp_tz)) as timestamp_ntz(6)) as "_AT",
  r."_SQL_C2A70338"
from (select s.*, (page like '/blog/%'
) as "_SQL_C2A70338" from (select * from web.visits where at < cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))
) as s) as r
join "CRM"."CONTACTS" as "P1" on cast("P1"."CONTACT_ID" as varchar) = cast(r."CONTACT_ID" as varchar)
join "CUSTOMER_IDENTITY" as i on i.source = 'contacts'
  and i.record_id = replace(replace(cast("P1"."CONTACT_ID" as varchar), '\\', '\\\\'), '|', '\\|')
where (cast(convert_timezone('UTC', cast(r."AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))) is distinct from true
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

-- Traits of customer over orders
-- grain: one row a customer with such rows
/* sluice traits.customer.orders */
create temporary table "SL_TRAITS_CUSTOMER_ORDERS" as
select r."CUSTOMER_ID",
  count(case when r."_AT" >= cast('2025-07-02 08:00:00.000' as timestamp_ntz(6)) and (cast(r."STATUS" as varchar) = 'returned') is distinct from true then 1 end) as "ORDERS_90D",
  sum(r."TOTAL") as "LIFETIME_VALUE",
  max(r."ORDERED_AT") as "LAST_ORDER_AT"
from "SL_REACH_CUSTOMER_ORDERS" as r
group by r."CUSTOMER_ID"
;

-- Traits of customer over order_items
-- grain: one row a customer with such rows
/* sluice traits.customer.order_items */
create temporary table "SL_TRAITS_CUSTOMER_ORDER_ITEMS" as
select r."CUSTOMER_ID",
  count(distinct r."SKU") as "SKUS_BOUGHT"
from "SL_REACH_CUSTOMER_ORDER_ITEMS" as r
group by r."CUSTOMER_ID"
;

-- Traits of customer over contacts
-- grain: one row a customer with such rows
/* sluice traits.customer.contacts */
create temporary table "SL_TRAITS_CUSTOMER_CONTACTS" as
select r."CUSTOMER_ID",
  max(r."ADS_OK") as "ADS_OK"
from "SL_REACH_CUSTOMER_CONTACTS" as r
group by r."CUSTOMER_ID"
;

-- The most frequent value for favourite_store, ties by the least
-- grain: one row a customer with a value
/* sluice trait.customer.favourite_store */
create temporary table "SL_TRAIT_CUSTOMER_FAVOURITE_STORE" as
with "CUSTOMER_COUNTED_1" as (
select r."CUSTOMER_ID", r."STORE_ID" as value, count(*) as times
from "SL_REACH_CUSTOMER_ORDERS" as r
where r."STORE_ID" is not null
group by r."CUSTOMER_ID", r."STORE_ID"),
"CUSTOMER_RANKED_1" as (
select c.*, row_number() over (
    partition by c."CUSTOMER_ID" order by c.times desc nulls last, c.value asc nulls last) as place
from "CUSTOMER_COUNTED_1" as c)
select "CUSTOMER_ID", value as "FAVOURITE_STORE"
from "CUSTOMER_RANKED_1"
where place = 1
;

-- One row a customer: fields and traits
-- grain: one row a customer
/* sluice profile.customer */
create temporary table "CUSTOMER" as
with "CUSTOMER_ROWS_1" as (
select b."CUSTOMER_ID",
  "T1"."EMAIL",
  "T2"."COUNTRY",
  "T3"."NAME",
  coalesce("T4"."ORDERS_90D", 0) as "ORDERS_90D",
  coalesce("T4"."LIFETIME_VALUE", 0) as "LIFETIME_VALUE",
  "T4"."LAST_ORDER_AT",
  coalesce("T5"."SKUS_BOUGHT", 0) as "SKUS_BOUGHT",
  "T7"."FAVOURITE_STORE",
  "T6"."ADS_OK"
from (select distinct "CUSTOMER_ID" from "CUSTOMER_IDENTITY") as b
left join "SL_PROFILE_CUSTOMER_EMAIL" as "T1" on "T1"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_PROFILE_CUSTOMER_COUNTRY" as "T2" on "T2"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_PROFILE_CUSTOMER_NAME" as "T3" on "T3"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_TRAITS_CUSTOMER_ORDERS" as "T4" on "T4"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_TRAITS_CUSTOMER_ORDER_ITEMS" as "T5" on "T5"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_TRAITS_CUSTOMER_CONTACTS" as "T6" on "T6"."CUSTOMER_ID" = b."CUSTOMER_ID"
left join "SL_TRAIT_CUSTOMER_FAVOURITE_STORE" as "T7" on "T7"."CUSTOMER_ID" = b."CUSTOMER_ID"),
"CUSTOMER_TRAITS_1" as (
select p.*,
  case when p."LIFETIME_VALUE" >= 500 then 'vip' else 'other' end as "SPEND_BAND",
  (p."LIFETIME_VALUE" * 1.0 / nullif(p."ORDERS_90D", 0)) as "LTV_PER_ORDER"
from "CUSTOMER_ROWS_1" as p)
select "CUSTOMER_ID",
  "EMAIL",
  "COUNTRY",
  "NAME",
  "ORDERS_90D",
  "LIFETIME_VALUE",
  "LAST_ORDER_AT",
  "SKUS_BOUGHT",
  "FAVOURITE_STORE",
  "SPEND_BAND",
  "LTV_PER_ORDER",
  "ADS_OK"
from "CUSTOMER_TRAITS_1"
;

-- Traits of store over orders
-- grain: one row a store with such rows
/* sluice traits.store.orders */
create temporary table "SL_TRAITS_STORE_ORDERS" as
select r."STORE_ID",
  count(*) as "STORE_ORDERS"
from "SL_REACH_STORE_ORDERS" as r
group by r."STORE_ID"
;

-- One row a store: fields and traits
-- grain: one row a store
/* sluice profile.store */
create temporary table "STORE" as
select b."STORE_ID",
  coalesce("T1"."STORE_ORDERS", 0) as "STORE_ORDERS"
from (select distinct cast(s."ID" as varchar) as "STORE_ID"
  from "SHOP"."STORES" as s where s."ID" is not null) as b
left join "SL_TRAITS_STORE_ORDERS" as "T1" on "T1"."STORE_ID" = b."STORE_ID"
;

-- The members of readers
-- grain: one row a customer
/* sluice segment.readers */
create temporary table "SEGMENT_READERS" as
with "CUSTOMER_EVENTS_1" as (
select r."CUSTOMER_ID", count(*) as "M1"
from "SL_REACH_CUSTOMER_VISITS" as r
where r."_SQL_C2A70338"
group by r."CUSTOMER_ID")
select p."CUSTOMER_ID"
from "CUSTOMER" as p
left join "CUSTOMER_EVENTS_1" as "J1" on "J1"."CUSTOMER_ID" = p."CUSTOMER_ID"
where coalesce("J1"."M1", 0) >= 1
;

-- The members of employees
-- grain: one row a customer
/* sluice segment.employees */
create temporary table "SEGMENT_EMPLOYEES" as
select p."CUSTOMER_ID"
from "CUSTOMER" as p
where endswith(cast(p."EMAIL" as varchar), '@shop.example')
;

-- Spent 500 or more, bought twice, silent for 60 days
-- grain: one row a customer
/* sluice segment.lapsing_vips */
create temporary table "SEGMENT_LAPSING_VIPS" as
with "CUSTOMER_EVENTS_1" as (
select r."CUSTOMER_ID", count(*) as "M1",
  count(case when r."_AT" >= cast('2025-08-01 08:00:00.000' as timestamp_ntz(6)) then 1 end) as "M2"
from "SL_REACH_CUSTOMER_ORDERS" as r
group by r."CUSTOMER_ID")
select p."CUSTOMER_ID"
from "CUSTOMER" as p
left join "CUSTOMER_EVENTS_1" as "J1" on "J1"."CUSTOMER_ID" = p."CUSTOMER_ID"
left join "SEGMENT_READERS" as "J2" on "J2"."CUSTOMER_ID" = p."CUSTOMER_ID"
left join "SEGMENT_EMPLOYEES" as "J3" on "J3"."CUSTOMER_ID" = p."CUSTOMER_ID"
where p."LIFETIME_VALUE" >= 500
  and coalesce("J1"."M1", 0) >= 2
  and coalesce("J1"."M2", 0) = 0
  and (cast(p."COUNTRY" as varchar) in ('FR', 'BE') or "J2"."CUSTOMER_ID" is not null)
  and ("J3"."CUSTOMER_ID" is not null) is distinct from true
;

-- The members of best
-- grain: one row a customer
/* sluice segment.best */
create temporary table "SEGMENT_BEST" as
with "CUSTOMER_RANK_1" as (
select "CUSTOMER_ID"
from (select p."CUSTOMER_ID", row_number() over (order by p."LIFETIME_VALUE" desc nulls last, p."CUSTOMER_ID" asc nulls last) as place, count(*) over () as total
  from "CUSTOMER" as p where p."LIFETIME_VALUE" is not null) as ranked
where (place - 1) * 100 < total * 10)
select p."CUSTOMER_ID"
from "CUSTOMER" as p
left join "CUSTOMER_RANK_1" as "J1" on "J1"."CUSTOMER_ID" = p."CUSTOMER_ID"
where "J1"."CUSTOMER_ID" is not null
;

-- The members of last_names
-- grain: one row a customer
/* sluice segment.last_names */
create temporary table "SEGMENT_LAST_NAMES" as
with "CUSTOMER_RANK_1" as (
select "CUSTOMER_ID"
from (select p."CUSTOMER_ID", row_number() over (order by p."NAME" asc nulls last, p."CUSTOMER_ID" asc nulls last) as place
  from "CUSTOMER" as p where p."NAME" is not null) as ranked
where place <= 100)
select p."CUSTOMER_ID"
from "CUSTOMER" as p
left join "CUSTOMER_RANK_1" as "J1" on "J1"."CUSTOMER_ID" = p."CUSTOMER_ID"
where "J1"."CUSTOMER_ID" is not null
;

-- The members of since_spring
-- grain: one row a customer
/* sluice segment.since_spring */
create temporary table "SEGMENT_SINCE_SPRING" as
select p."CUSTOMER_ID"
from "CUSTOMER" as p
where cast(convert_timezone('UTC', cast(p."LAST_ORDER_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-03-21 00:00:00.000' as timestamp_ntz(6)) and cast(convert_timezone('UTC', cast(p."LAST_ORDER_AT" as timestamp_tz)) as timestamp_ntz(6)) < cast('2025-06-21 00:00:00.000' as timestamp_ntz(6))
;

-- The members of big_spring
-- grain: one row a customer
/* sluice segment.big_spring */
create temporary table "SEGMENT_BIG_SPRING" as
with "CUSTOMER_EVENTS_1" as (
select r."CUSTOMER_ID", max(r."TOTAL") as "M1"
from "SL_REACH_CUSTOMER_ORDERS" as r
where r."_AT" >= cast('2025-03-21 00:00:00.000' as timestamp_ntz(6)) and r."_AT" < cast('2025-06-21 00:00:00.000' as timestamp_ntz(6))
group by r."CUSTOMER_ID")
select p."CUSTOMER_ID"
from "CUSTOMER" as p
left join "CUSTOMER_EVENTS_1" as "J1" on "J1"."CUSTOMER_ID" = p."CUSTOMER_ID"
where "J1"."M1" > 99.5
;

-- The members of late_alphabet
-- grain: one row a customer
/* sluice segment.late_alphabet */
create temporary table "SEGMENT_LATE_ALPHABET" as
select p."CUSTOMER_ID"
from "CUSTOMER" as p
where cast(p."NAME" as varchar) >= 'm'
;

-- The members of dated
-- grain: one row a customer
/* sluice segment.dated */
create temporary table "SEGMENT_DATED" as
with "CUSTOMER_EVENTS_1" as (
select r."CUSTOMER_ID", count(*) as "M1"
from "SL_REACH_CUSTOMER_ORDER_ITEMS" as r
where case when (regexp_instr(cast(r."BEST_BEFORE" as varchar), '(^([1-9][0-9]{3}\\-((0[1357-8]|1[02])\\-(0[1-9]|[1-2][0-9]|3[0-1])|(0[469]|11)\\-(0[1-9]|[1-2][0-9]|30)|02\\-(0[1-9]|1[0-9]|2[0-8]))|([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)\\-02\\-29)([ T]([0-1][0-9]|2[0-3])\\:[0-5][0-9]\\:[0-5][0-9](\\.[0-9]{1}[0-9]{0,5})?(Z|[\\+\\-](0[0-9]|1[0-4])(\\:[0-5][0-9])?)?)?$)') > 0) then cast(convert_timezone('UTC', try_to_timestamp_tz(cast(r."BEST_BEFORE" as varchar))) as timestamp_ntz(6)) < cast('2026-01-01 00:00:00.000' as timestamp_ntz(6)) else cast(r."BEST_BEFORE" as varchar) < '2026-01-01' end
group by r."CUSTOMER_ID")
select p."CUSTOMER_ID"
from "CUSTOMER" as p
left join "CUSTOMER_EVENTS_1" as "J1" on "J1"."CUSTOMER_ID" = p."CUSTOMER_ID"
where coalesce("J1"."M1", 0) >= 1
;

-- The members of months
-- grain: one row a customer
/* sluice segment.months */
create temporary table "SEGMENT_MONTHS" as
select p."CUSTOMER_ID"
from "CUSTOMER" as p
where cast(convert_timezone('UTC', cast(p."LAST_ORDER_AT" as timestamp_tz)) as timestamp_ntz(6)) >= cast('2025-03-30 08:00:00.000' as timestamp_ntz(6)) and cast(convert_timezone('UTC', cast(p."LAST_ORDER_AT" as timestamp_tz)) as timestamp_ntz(6)) < cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))
;

-- The members of came_back
-- grain: one row a customer
/* sluice segment.came_back */
create temporary table "SEGMENT_CAME_BACK" as
with "CUSTOMER_SEQUENCE_1" as (
select r."CUSTOMER_ID", r."_AT" as moment
from "SL_REACH_CUSTOMER_VISITS" as r
where r."_AT" is not null),
"CUSTOMER_ROWS_1" as (
select k.*, 2 as kind, convert_timezone('Europe/Paris', 'UTC', dateadd(month, 1, convert_timezone('UTC', 'Europe/Paris', k.moment))) as until
from "CUSTOMER_SEQUENCE_1" as k
union all
select r."CUSTOMER_ID", r."_AT" as moment, 0 as kind, r."_AT" as until
from "SL_REACH_CUSTOMER_VISITS" as r
where r."_AT" is not null
union all
select r."CUSTOMER_ID", r."_AT" as moment, 1 as kind, r."_AT" as until
from "SL_REACH_CUSTOMER_ORDERS" as r
where r."_AT" is not null),
"CUSTOMER_STRETCHES_1" as (
select r.*, sum(case when kind = 1 then 1 else 0 end) over (
    partition by "CUSTOMER_ID" order by moment nulls last, kind nulls last rows unbounded preceding) as stretch
from "CUSTOMER_ROWS_1" as r),
"CUSTOMER_REACHING_1" as (
select r.*, max(case when kind = 2 then until end) over (
    partition by "CUSTOMER_ID", stretch order by moment nulls last, kind nulls last rows unbounded preceding) as furthest
from "CUSTOMER_STRETCHES_1" as r),
"CUSTOMER_SEQUENCE_2" as (
select "CUSTOMER_ID", moment
from "CUSTOMER_REACHING_1"
where kind = 0 and moment <= furthest),
"CUSTOMER_ROWS_2" as (
select k.*, 2 as kind
from "CUSTOMER_SEQUENCE_2" as k
union all
select r."CUSTOMER_ID", r."_AT" as moment, 1 as kind
from "SL_REACH_CUSTOMER_ORDERS" as r
where r."_AT" is not null),
"CUSTOMER_BROKEN_1" as (
select r.*, min(case when kind = 1 then moment end) over (
    partition by "CUSTOMER_ID" order by moment nulls last, kind nulls last rows between current row and unbounded following) as next_at
from "CUSTOMER_ROWS_2" as r),
"CUSTOMER_SEQUENCE_3" as (
select "CUSTOMER_ID", moment
from "CUSTOMER_BROKEN_1"
where kind = 2
  and (next_at is null or next_at > dateadd(microsecond, 604800 * 1000000, moment))
  and dateadd(microsecond, 604800 * 1000000, moment) < cast('2025-09-30 08:00:00.000' as timestamp_ntz(6))),
"CUSTOMER_SEQUENCE_4" as (
select distinct "CUSTOMER_ID" from "CUSTOMER_SEQUENCE_3")
select p."CUSTOMER_ID"
from "CUSTOMER" as p
left join "CUSTOMER_SEQUENCE_4" as "J1" on "J1"."CUSTOMER_ID" = p."CUSTOMER_ID"
where "J1"."CUSTOMER_ID" is not null
;
