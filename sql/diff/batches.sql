-- Where the batches of a plan begin and end, some at a time.
-- reads: plan(seq, batch, op)
-- writes: nothing; gives (batch, lo, hi, removes)
-- grain: one row a batch
-- version: 1
select batch, min(seq) as lo, max(seq) as hi, min(case when op = 'remove' then 1 else 0 end) as removes
from {{ plan }}
where batch > {{ after }}
group by batch
order by batch nulls last
limit {{ most }}
