-- How many rows of a source are new, changed and gone. `fresh_rows` is more than `fresh` where a key stands twice.
-- reads: found(k, was, stands), the state's rows of this source
-- writes: check(found, fresh_rows, fresh, changed, gone, keyless, stored)
-- grain: one row
-- version: 1
select count(*) as found, sum(fresh_rows) as fresh_rows,
  sum(case when stands > 0 and was = 0 then 1 else 0 end) as fresh,
  sum(case when stands > 0 and was > 0 then 1 else 0 end) as changed,
  sum(case when stands = 0 and was > 0 then 1 else 0 end) as gone,
  sum(case when stands = 0 and was = 0 then 1 else 0 end) as keyless,
  (select count(*) from {{ state }} where source = {{ source }}) as stored
from (
  select k, sum(case when was then 1 else 0 end) as was, sum(case when stands then 1 else 0 end) as stands,
    sum(case when stands and not was then 1 else 0 end) as fresh_rows
  from {{ found }}
  group by k
) as keys
