-- Pairs that are to be one entity and that identifiers alone do not make one.
-- reads: pairs of the rules that link(t, rule, closeness, a, b, a_r, b_r), labels(v, r)
-- writes: link_pairs(t, rule, closeness, a, b, a_r, b_r)
-- grain: one row a rule and pair of records
-- version: 1
select p.t, p.rule, p.closeness, p.a, p.b, p.a_r, p.b_r
from {{ pairs }} as p
left join {{ labels }} as l on l.v = p.a_r
left join {{ labels }} as h on h.v = p.b_r
where coalesce(l.r, p.a_r) <> coalesce(h.r, p.b_r)
