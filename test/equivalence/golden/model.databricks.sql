-- Rows of contacts and the customer that each reaches
-- grain: one row a row of contacts that reaches a customer
/* sluice reach.customer.contacts */
create table `sluice_session`.`sl_reach_customer_contacts` as
select i.`customer_id` as `customer_id`,
  replace(replace(cast(r.`contact_id` as string), '\\', '\\\\'), '|', '\\|') as `_record_id`,
  case when typeof(r.`updated_at`) = 'timestamp' or typeof(r.`updated_at`) like 'string%' and cast(r.`updated_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`updated_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`updated_at` as timestamp_ntz) end as `_recency`,
  r.`email` as `email`,
  r.`country` as `country`,
  r.`first_name` as `first_name`,
  r.`ads_ok` as `ads_ok`
from `crm`.`contacts` as r
join `default`.`customer_identity` as i on i.source = 'contacts'
  and i.record_id = replace(replace(cast(r.`contact_id` as string), '\\', '\\\\'), '|', '\\|')
;

-- Rows of orders and the customer that each reaches
-- grain: one row a row of orders that reaches a customer
/* sluice reach.customer.orders */
create table `sluice_session`.`sl_reach_customer_orders` as
select i.`customer_id` as `customer_id`,
  case when typeof(r.`ordered_at`) = 'timestamp' or typeof(r.`ordered_at`) like 'string%' and cast(r.`ordered_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`ordered_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`ordered_at` as timestamp_ntz) end as `_at`,
  replace(replace(cast(r.`order_id` as string), '\\', '\\\\'), '|', '\\|') as `_record_id`,
  case when typeof(r.`ordered_at`) = 'timestamp' or typeof(r.`ordered_at`) like 'string%' and cast(r.`ordered_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`ordered_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`ordered_at` as timestamp_ntz) end as `_recency`,
  r.`customer_email` as `customer_email`,
  r.`status` as `status`,
  r.`total` as `total`,
  r.`ordered_at` as `ordered_at`,
  r.`store_id` as `store_id`
from `shop`.`orders` as r
join `default`.`customer_identity` as i on i.source = 'orders'
  and i.record_id = replace(replace(cast(r.`order_id` as string), '\\', '\\\\'), '|', '\\|')
where (case when typeof(r.`ordered_at`) = 'timestamp' or typeof(r.`ordered_at`) like 'string%' and cast(r.`ordered_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`ordered_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`ordered_at` as timestamp_ntz) end >= cast('2025-09-30 08:00:00.000' as timestamp_ntz)) is not true
;

-- Rows of order_items and the customer that each reaches through orders
-- grain: one row a row of order_items that reaches a customer
/* sluice reach.customer.order_items */
create table `sluice_session`.`sl_reach_customer_order_items` as
select i.`customer_id` as `customer_id`,
  case when typeof(`p1`.`ordered_at`) = 'timestamp' or typeof(`p1`.`ordered_at`) like 'string%' and cast(`p1`.`ordered_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(`p1`.`ordered_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(`p1`.`ordered_at` as timestamp_ntz) end as `_at`,
  r.`sku` as `sku`,
  r.`best_before` as `best_before`
from `shop`.`order_items` as r
join `shop`.`orders` as `p1` on cast(`p1`.`order_id` as string) = cast(r.`order_id` as string)
join `default`.`customer_identity` as i on i.source = 'orders'
  and i.record_id = replace(replace(cast(`p1`.`order_id` as string), '\\', '\\\\'), '|', '\\|')
where (case when typeof(`p1`.`ordered_at`) = 'timestamp' or typeof(`p1`.`ordered_at`) like 'string%' and cast(`p1`.`ordered_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(`p1`.`ordered_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(`p1`.`ordered_at` as timestamp_ntz) end >= cast('2025-09-30 08:00:00.000' as timestamp_ntz)) is not true
;

-- Rows of orders and the store that each reaches through stores
-- grain: one row a row of orders that reaches a store
/* sluice reach.store.orders */
create table `sluice_session`.`sl_reach_store_orders` as
select cast(`p1`.`id` as string) as `store_id`,
  case when typeof(r.`ordered_at`) = 'timestamp' or typeof(r.`ordered_at`) like 'string%' and cast(r.`ordered_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`ordered_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`ordered_at` as timestamp_ntz) end as `_at`
from `shop`.`orders` as r
join `shop`.`stores` as `p1` on cast(`p1`.`id` as string) = cast(r.`store_id` as string)
where cast(`p1`.`id` as string) is not null
  and (case when typeof(r.`ordered_at`) = 'timestamp' or typeof(r.`ordered_at`) like 'string%' and cast(r.`ordered_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`ordered_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`ordered_at` as timestamp_ntz) end >= cast('2025-09-30 08:00:00.000' as timestamp_ntz)) is not true
;

-- Rows of visits and the customer that each reaches through contacts
-- grain: one row a row of visits that reaches a customer
/* sluice reach.customer.visits */
create table `sluice_session`.`sl_reach_customer_visits` as
select i.`customer_id` as `customer_id`,
  case when typeof(r.`at`) = 'timestamp' or typeof(r.`at`) like 'string%' and cast(r.`at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`at` as timestamp_ntz) end as `_at`,
  r.`_sql_c2a70338`
from (select s.*, (page like '/blog/%'
) as `_sql_c2a70338` from (select * from web.visits where at < cast('2025-09-30 08:00:00.000' as timestamp_ntz)
) as s) as r
join `crm`.`contacts` as `p1` on cast(`p1`.`contact_id` as string) = cast(r.`contact_id` as string)
join `default`.`customer_identity` as i on i.source = 'contacts'
  and i.record_id = replace(replace(cast(`p1`.`contact_id` as string), '\\', '\\\\'), '|', '\\|')
where (case when typeof(r.`at`) = 'timestamp' or typeof(r.`at`) like 'string%' and cast(r.`at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(r.`at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(r.`at` as timestamp_ntz) end >= cast('2025-09-30 08:00:00.000' as timestamp_ntz)) is not true
;

-- The most recent value for email
-- grain: one row a customer with a value
/* sluice profile.customer.email */
create table `sluice_session`.`sl_profile_customer_email` as
with `customer_candidates_1` as (
select r.`customer_id`, r.`email` as value, 1 as preference,
  r.`_recency` as recency, r.`_record_id` as record_id
from `sluice_session`.`sl_reach_customer_contacts` as r
where r.`email` is not null and cast(r.`email` as string) <> ''
union all
select r.`customer_id`, r.`customer_email` as value, 2 as preference,
  r.`_recency` as recency, r.`_record_id` as record_id
from `sluice_session`.`sl_reach_customer_orders` as r
where r.`customer_email` is not null and cast(r.`customer_email` as string) <> ''),
`customer_ranked_1` as (
select c.*, row_number() over (
    partition by c.`customer_id` order by c.recency desc nulls last, c.preference asc nulls last, c.record_id asc nulls last) as place
from `customer_candidates_1` as c)
select `customer_id`, value as `email`
from `customer_ranked_1`
where place = 1
;

-- The most frequent value for country
-- grain: one row a customer with a value
/* sluice profile.customer.country */
create table `sluice_session`.`sl_profile_customer_country` as
with `customer_candidates_1` as (
select r.`customer_id`, r.`country` as value, 1 as preference,
  r.`_recency` as recency, r.`_record_id` as record_id
from `sluice_session`.`sl_reach_customer_contacts` as r
where r.`country` is not null and cast(r.`country` as string) <> ''),
`customer_counted_1` as (
select `customer_id`, value, count(*) as times
from `customer_candidates_1`
group by `customer_id`, value),
`customer_ranked_1` as (
select c.*, row_number() over (
    partition by c.`customer_id` order by c.times desc nulls last, c.value asc nulls last) as place
from `customer_counted_1` as c)
select `customer_id`, value as `country`
from `customer_ranked_1`
where place = 1
;

-- The longest value for name
-- grain: one row a customer with a value
/* sluice profile.customer.name */
create table `sluice_session`.`sl_profile_customer_name` as
with `customer_candidates_1` as (
select r.`customer_id`, r.`first_name` as value, 1 as preference,
  length(cast(r.`first_name` as string)) as size,
  r.`_recency` as recency, r.`_record_id` as record_id
from `sluice_session`.`sl_reach_customer_contacts` as r
where r.`first_name` is not null and cast(r.`first_name` as string) <> ''),
`customer_ranked_1` as (
select c.*, row_number() over (
    partition by c.`customer_id` order by c.size desc nulls last, c.recency desc nulls last, c.preference asc nulls last, c.record_id asc nulls last) as place
from `customer_candidates_1` as c)
select `customer_id`, value as `name`
from `customer_ranked_1`
where place = 1
;

-- Traits of customer over orders
-- grain: one row a customer with such rows
/* sluice traits.customer.orders */
create table `sluice_session`.`sl_traits_customer_orders` as
select r.`customer_id`,
  count(case when r.`_at` >= cast('2025-07-02 08:00:00.000' as timestamp_ntz) and (cast(r.`status` as string) = 'returned') is not true then 1 end) as `orders_90d`,
  sum(r.`total`) as `lifetime_value`,
  max(r.`ordered_at`) as `last_order_at`
from `sluice_session`.`sl_reach_customer_orders` as r
group by r.`customer_id`
;

-- Traits of customer over order_items
-- grain: one row a customer with such rows
/* sluice traits.customer.order_items */
create table `sluice_session`.`sl_traits_customer_order_items` as
select r.`customer_id`,
  count(distinct r.`sku`) as `skus_bought`
from `sluice_session`.`sl_reach_customer_order_items` as r
group by r.`customer_id`
;

-- Traits of customer over contacts
-- grain: one row a customer with such rows
/* sluice traits.customer.contacts */
create table `sluice_session`.`sl_traits_customer_contacts` as
select r.`customer_id`,
  max(r.`ads_ok`) as `ads_ok`
from `sluice_session`.`sl_reach_customer_contacts` as r
group by r.`customer_id`
;

-- The most frequent value for favourite_store, ties by the least
-- grain: one row a customer with a value
/* sluice trait.customer.favourite_store */
create table `sluice_session`.`sl_trait_customer_favourite_store` as
with `customer_counted_1` as (
select r.`customer_id`, r.`store_id` as value, count(*) as times
from `sluice_session`.`sl_reach_customer_orders` as r
where r.`store_id` is not null
group by r.`customer_id`, r.`store_id`),
`customer_ranked_1` as (
select c.*, row_number() over (
    partition by c.`customer_id` order by c.times desc nulls last, c.value asc nulls last) as place
from `customer_counted_1` as c)
select `customer_id`, value as `favourite_store`
from `customer_ranked_1`
where place = 1
;

-- One row a customer: fields and traits
-- grain: one row a customer
/* sluice profile.customer */
create table `default`.`customer` as
with `customer_rows_1` as (
select b.`customer_id`,
  `t1`.`email`,
  `t2`.`country`,
  `t3`.`name`,
  coalesce(`t4`.`orders_90d`, 0) as `orders_90d`,
  coalesce(`t4`.`lifetime_value`, 0) as `lifetime_value`,
  `t4`.`last_order_at`,
  coalesce(`t5`.`skus_bought`, 0) as `skus_bought`,
  `t7`.`favourite_store`,
  `t6`.`ads_ok`
from (select distinct `customer_id` from `default`.`customer_identity`) as b
left join `sluice_session`.`sl_profile_customer_email` as `t1` on `t1`.`customer_id` = b.`customer_id`
left join `sluice_session`.`sl_profile_customer_country` as `t2` on `t2`.`customer_id` = b.`customer_id`
left join `sluice_session`.`sl_profile_customer_name` as `t3` on `t3`.`customer_id` = b.`customer_id`
left join `sluice_session`.`sl_traits_customer_orders` as `t4` on `t4`.`customer_id` = b.`customer_id`
left join `sluice_session`.`sl_traits_customer_order_items` as `t5` on `t5`.`customer_id` = b.`customer_id`
left join `sluice_session`.`sl_traits_customer_contacts` as `t6` on `t6`.`customer_id` = b.`customer_id`
left join `sluice_session`.`sl_trait_customer_favourite_store` as `t7` on `t7`.`customer_id` = b.`customer_id`),
`customer_traits_1` as (
select p.*,
  case when p.`lifetime_value` >= 500 then 'vip' else 'other' end as `spend_band`,
  (p.`lifetime_value` * 1.0 / nullif(p.`orders_90d`, 0)) as `ltv_per_order`
from `customer_rows_1` as p)
select `customer_id`,
  `email`,
  `country`,
  `name`,
  `orders_90d`,
  `lifetime_value`,
  `last_order_at`,
  `skus_bought`,
  `favourite_store`,
  `spend_band`,
  `ltv_per_order`,
  `ads_ok`
from `customer_traits_1`
;

-- Traits of store over orders
-- grain: one row a store with such rows
/* sluice traits.store.orders */
create table `sluice_session`.`sl_traits_store_orders` as
select r.`store_id`,
  count(*) as `store_orders`
from `sluice_session`.`sl_reach_store_orders` as r
group by r.`store_id`
;

-- One row a store: fields and traits
-- grain: one row a store
/* sluice profile.store */
create table `default`.`store` as
select b.`store_id`,
  coalesce(`t1`.`store_orders`, 0) as `store_orders`
from (select distinct cast(s.`id` as string) as `store_id`
  from `shop`.`stores` as s where s.`id` is not null) as b
left join `sluice_session`.`sl_traits_store_orders` as `t1` on `t1`.`store_id` = b.`store_id`
;

-- The members of readers
-- grain: one row a customer
/* sluice segment.readers */
create table `default`.`segment_readers` as
with `customer_events_1` as (
select r.`customer_id`, count(*) as `m1`
from `sluice_session`.`sl_reach_customer_visits` as r
where r.`_sql_c2a70338`
group by r.`customer_id`)
select p.`customer_id`
from `default`.`customer` as p
left join `customer_events_1` as `j1` on `j1`.`customer_id` = p.`customer_id`
where coalesce(`j1`.`m1`, 0) >= 1
;

-- The members of employees
-- grain: one row a customer
/* sluice segment.employees */
create table `default`.`segment_employees` as
select p.`customer_id`
from `default`.`customer` as p
where endswith(cast(p.`email` as string), '@shop.example')
;

-- Spent 500 or more, bought twice, silent for 60 days
-- grain: one row a customer
/* sluice segment.lapsing_vips */
create table `default`.`segment_lapsing_vips` as
with `customer_events_1` as (
select r.`customer_id`, count(*) as `m1`,
  count(case when r.`_at` >= cast('2025-08-01 08:00:00.000' as timestamp_ntz) then 1 end) as `m2`
from `sluice_session`.`sl_reach_customer_orders` as r
group by r.`customer_id`)
select p.`customer_id`
from `default`.`customer` as p
left join `customer_events_1` as `j1` on `j1`.`customer_id` = p.`customer_id`
left join `default`.`segment_readers` as `j2` on `j2`.`customer_id` = p.`customer_id`
left join `default`.`segment_employees` as `j3` on `j3`.`customer_id` = p.`customer_id`
where p.`lifetime_value` >= 500
  and coalesce(`j1`.`m1`, 0) >= 2
  and coalesce(`j1`.`m2`, 0) = 0
  and (cast(p.`country` as string) in ('FR', 'BE') or `j2`.`customer_id` is not null)
  and (`j3`.`customer_id` is not null) is not true
;

-- The members of best
-- grain: one row a customer
/* sluice segment.best */
create table `default`.`segment_best` as
with `customer_rank_1` as (
select `customer_id`
from (select p.`customer_id`, row_number() over (order by p.`lifetime_value` desc nulls last, p.`customer_id` asc nulls last) as place, count(*) over () as total
  from `default`.`customer` as p where p.`lifetime_value` is not null) as ranked
where (place - 1) * 100 < total * 10)
select p.`customer_id`
from `default`.`customer` as p
left join `customer_rank_1` as `j1` on `j1`.`customer_id` = p.`customer_id`
where `j1`.`customer_id` is not null
;

-- The members of last_names
-- grain: one row a customer
/* sluice segment.last_names */
create table `default`.`segment_last_names` as
with `customer_rank_1` as (
select `customer_id`
from (select p.`customer_id`, row_number() over (order by p.`name` asc nulls last, p.`customer_id` asc nulls last) as place
  from `default`.`customer` as p where p.`name` is not null) as ranked
where place <= 100)
select p.`customer_id`
from `default`.`customer` as p
left join `customer_rank_1` as `j1` on `j1`.`customer_id` = p.`customer_id`
where `j1`.`customer_id` is not null
;

-- The members of since_spring
-- grain: one row a customer
/* sluice segment.since_spring */
create table `default`.`segment_since_spring` as
select p.`customer_id`
from `default`.`customer` as p
where case when typeof(p.`last_order_at`) = 'timestamp' or typeof(p.`last_order_at`) like 'string%' and cast(p.`last_order_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(p.`last_order_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(p.`last_order_at` as timestamp_ntz) end >= cast('2025-03-21 00:00:00.000' as timestamp_ntz) and case when typeof(p.`last_order_at`) = 'timestamp' or typeof(p.`last_order_at`) like 'string%' and cast(p.`last_order_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(p.`last_order_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(p.`last_order_at` as timestamp_ntz) end < cast('2025-06-21 00:00:00.000' as timestamp_ntz)
;

-- The members of big_spring
-- grain: one row a customer
/* sluice segment.big_spring */
create table `default`.`segment_big_spring` as
with `customer_events_1` as (
select r.`customer_id`, max(r.`total`) as `m1`
from `sluice_session`.`sl_reach_customer_orders` as r
where r.`_at` >= cast('2025-03-21 00:00:00.000' as timestamp_ntz) and r.`_at` < cast('2025-06-21 00:00:00.000' as timestamp_ntz)
group by r.`customer_id`)
select p.`customer_id`
from `default`.`customer` as p
left join `customer_events_1` as `j1` on `j1`.`customer_id` = p.`customer_id`
where `j1`.`m1` > 99.5
;

-- The members of late_alphabet
-- grain: one row a customer
/* sluice segment.late_alphabet */
create table `default`.`segment_late_alphabet` as
select p.`customer_id`
from `default`.`customer` as p
where cast(p.`name` as string) >= 'm'
;

-- The members of dated
-- grain: one row a customer
/* sluice segment.dated */
create table `default`.`segment_dated` as
with `customer_events_1` as (
select r.`customer_id`, count(*) as `m1`
from `sluice_session`.`sl_reach_customer_order_items` as r
where case when (case when typeof(r.`best_before`) = 'timestamp' then cast(convert_timezone(current_timezone(), 'UTC', cast(cast(r.`best_before` as string) as timestamp_ntz)) as string) else cast(r.`best_before` as string) end rlike '(?:^(?:[1-9][0-9]{3}\\x{2d}(?:(?:0[1357-8]|1[02])\\x{2d}(?:0[1-9]|[1-2][0-9]|3[0-1])|(?:0[469]|11)\\x{2d}(?:0[1-9]|[1-2][0-9]|30)|02\\x{2d}(?:0[1-9]|1[0-9]|2[0-8]))|(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)\\x{2d}02\\x{2d}29)(?:[\\x{20}T](?:[0-1][0-9]|2[0-3])\\x{3a}[0-5][0-9]\\x{3a}[0-5][0-9](?:\\x{2e}[0-9]{1}[0-9]{0,5})?(?:Z|[\\x{2b}\\x{2d}](?:0[0-9]|1[0-4])(?:\\x{3a}[0-5][0-9])?)?)?\\z)') then case when case when typeof(r.`best_before`) = 'timestamp' then cast(convert_timezone(current_timezone(), 'UTC', cast(cast(r.`best_before` as string) as timestamp_ntz)) as string) else cast(r.`best_before` as string) end rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(case when typeof(r.`best_before`) = 'timestamp' then cast(convert_timezone(current_timezone(), 'UTC', cast(cast(r.`best_before` as string) as timestamp_ntz)) as string) else cast(r.`best_before` as string) end as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(case when typeof(r.`best_before`) = 'timestamp' then cast(convert_timezone(current_timezone(), 'UTC', cast(cast(r.`best_before` as string) as timestamp_ntz)) as string) else cast(r.`best_before` as string) end as timestamp_ntz) end < cast('2026-01-01 00:00:00.000' as timestamp_ntz) else cast(r.`best_before` as string) < '2026-01-01' end
group by r.`customer_id`)
select p.`customer_id`
from `default`.`customer` as p
left join `customer_events_1` as `j1` on `j1`.`customer_id` = p.`customer_id`
where coalesce(`j1`.`m1`, 0) >= 1
;

-- The members of months
-- grain: one row a customer
/* sluice segment.months */
create table `default`.`segment_months` as
select p.`customer_id`
from `default`.`customer` as p
where case when typeof(p.`last_order_at`) = 'timestamp' or typeof(p.`last_order_at`) like 'string%' and cast(p.`last_order_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(p.`last_order_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(p.`last_order_at` as timestamp_ntz) end >= cast('2025-03-30 08:00:00.000' as timestamp_ntz) and case when typeof(p.`last_order_at`) = 'timestamp' or typeof(p.`last_order_at`) like 'string%' and cast(p.`last_order_at` as string) rlike ':[0-9.]+ ?[A-Za-z+-]' then (cast('1970-01-01 00:00:00' as timestamp_ntz) + make_dt_interval(0, 0, 0, cast(cast(unix_micros(cast(p.`last_order_at` as timestamp)) as decimal(20, 0)) * 0.000001 as decimal(18, 6)))) else cast(p.`last_order_at` as timestamp_ntz) end < cast('2025-09-30 08:00:00.000' as timestamp_ntz)
;

-- The members of came_back
-- grain: one row a customer
/* sluice segment.came_back */
create table `default`.`segment_came_back` as
with `customer_sequence_1` as (
select r.`customer_id`, r.`_at` as moment
from `sluice_session`.`sl_reach_customer_visits` as r
where r.`_at` is not null),
`customer_rows_1` as (
select k.*, 2 as kind, convert_timezone('Europe/Paris', 'UTC', (convert_timezone('UTC', 'Europe/Paris', k.moment) + make_ym_interval(0, 1))) as until
from `customer_sequence_1` as k
union all
select r.`customer_id`, r.`_at` as moment, 0 as kind, r.`_at` as until
from `sluice_session`.`sl_reach_customer_visits` as r
where r.`_at` is not null
union all
select r.`customer_id`, r.`_at` as moment, 1 as kind, r.`_at` as until
from `sluice_session`.`sl_reach_customer_orders` as r
where r.`_at` is not null),
`customer_stretches_1` as (
select r.*, sum(case when kind = 1 then 1 else 0 end) over (
    partition by `customer_id` order by moment nulls last, kind nulls last rows unbounded preceding) as stretch
from `customer_rows_1` as r),
`customer_reaching_1` as (
select r.*, max(case when kind = 2 then until end) over (
    partition by `customer_id`, stretch order by moment nulls last, kind nulls last rows unbounded preceding) as furthest
from `customer_stretches_1` as r),
`customer_sequence_2` as (
select `customer_id`, moment
from `customer_reaching_1`
where kind = 0 and moment <= furthest),
`customer_rows_2` as (
select k.*, 2 as kind
from `customer_sequence_2` as k
union all
select r.`customer_id`, r.`_at` as moment, 1 as kind
from `sluice_session`.`sl_reach_customer_orders` as r
where r.`_at` is not null),
`customer_broken_1` as (
select r.*, min(case when kind = 1 then moment end) over (
    partition by `customer_id` order by moment nulls last, kind nulls last rows between current row and unbounded following) as next_at
from `customer_rows_2` as r),
`customer_sequence_3` as (
select `customer_id`, moment
from `customer_broken_1`
where kind = 2
  and (next_at is null or next_at > (moment + make_dt_interval(0, 0, 0, cast(604800 as decimal(18, 6)))))
  and (moment + make_dt_interval(0, 0, 0, cast(604800 as decimal(18, 6)))) < cast('2025-09-30 08:00:00.000' as timestamp_ntz)),
`customer_sequence_4` as (
select distinct `customer_id` from `customer_sequence_3`)
select p.`customer_id`
from `default`.`customer` as p
left join `customer_sequence_4` as `j1` on `j1`.`customer_id` = p.`customer_id`
where `j1`.`customer_id` is not null
;
