-- How many records agree in all that a rule blocks by. Alone in a block, nobody is compared.
-- reads: rows of the rule(place, block)
-- writes: blocks(block, records)
-- grain: one row a block of two records or more
-- version: 1
select block, count(distinct place) as records
from {{ rows }}
group by block
having count(distinct place) > 1
