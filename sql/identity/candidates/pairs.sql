-- Each two records of a block that is not too large, and how alike they are: once, the lower place first. Records with
-- several values, or several blocks in common, are as alike as the best of them.
-- reads: blocks(block, records), rows of the rule(place, r, block, value)
-- writes: pairs(a, b, a_r, b_r, score, block_records)
-- grain: one row a pair of records that look alike
-- version: 1
select a, b, a_r, b_r, {{ best }}(score) as score, min(records) as block_records
from (
  select l.place as a, h.place as b, l.r as a_r, h.r as b_r, {{ score }} as score, k.records
  from {{ blocks }} as k
  join {{ rows }} as l on l.block = k.block
  join {{ rows }} as h on h.block = k.block
  where k.records <= {{ max_block }} and {{ low }} < {{ high }}
) as compared
where {{ alike }}{{ apart }}
group by a, b, a_r, b_r
