-- The same as for other warehouses; Databricks decides by itself whether it keeps the rows of `model` aside.
-- Rows of a frozen plan that may no longer be sent: nobody in the model now who has the key consents.
-- reads: plan(seq, op, key), model(key, consents)
-- writes: nothing; gives (seq)
-- grain: one row a row of the plan
-- version: 1
with model as (
{{ model }}
)
select p.seq
from {{ plan }} as p
left join (select distinct key from model where consents and key is not null) as m on m.key = p.key
where p.seq is not null and p.op in ('add', 'change') and m.key is null
order by p.seq nulls last
