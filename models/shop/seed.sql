-- 500 people of a made-up shop; 50 of them stand in the CRM twice, with another email and the same phone.
-- Plain arithmetic instead of chance: the demo tells the same story every time. Some people order far more often.
create schema crm;
create schema shop;

create table crm.contacts as
with people as (
  select
    i,
    (['Ada', 'Grace', 'Linus', 'Edsger', 'Barbara', 'Alan', 'Radia', 'Ken', 'Margaret', 'Dennis'])[1 + i % 10] as first_name,
    (['FR', 'BE', 'DE', 'ES'])[1 + (i * 7) % 4] as country,
    lpad(((i * 104729) % 100000000)::varchar, 8, '0') as digits
  from range(1, 501) as numbers(i)
)
select
  'c' || i as contact_id,
  lower(first_name) || i || '@example.com' as email,
  '+336' || digits as mobile,
  first_name,
  country,
  timestamp '2025-01-01' + to_hours(((i * 37) % 8000)::integer) as updated_at
from people
union all
select
  'again' || i,
  lower(first_name) || '.' || i || '@example.org',
  '06 ' || digits,
  first_name,
  country,
  timestamp '2025-12-01' + to_hours(i::integer)
from people
where i % 10 = 3;

create table shop.orders as
select
  'o' || k as order_id,
  case when k % 5 = 0 then upper(c.email) else c.email end as customer_email,
  case when k % 17 = 0 then 'returned' else 'paid' end as status,
  round(9 + (k * 7919) % 24000 / 100.0, 2)::decimal(10, 2) as total,
  timestamp '2025-02-01' + to_hours(((k * 5741) % 8700)::integer) as ordered_at
from range(1, 2401) as numbers(k)
join crm.contacts as c on c.contact_id = 'c' || (1 + (499 * power((k * 7919) % 1000 / 1000.0, 2))::integer);
