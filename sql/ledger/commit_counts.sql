-- How many rows of a plan were applied, rejected and not answered, and what else waits for the next plan.
-- reads: fates(op, answer, fate), plan(op, reason), receipts(sync, status), jobs(sync)
-- writes: nothing
-- grain: one row in all
-- version: 2
select
  count(case when answer = 'applied' then 1 end) as applied,
  count(case when answer = 'rejected' then 1 end) as rejected,
  count(case when answer = 'unanswered' then 1 end) as unanswered,
  count(case when answer in ('applied', 'rejected') and op = 'add' then 1 end) as answered_adds,
  count(case when answer in ('applied', 'rejected') and op = 'change' then 1 end) as answered_changes,
  count(case when answer in ('applied', 'rejected') and op = 'remove' then 1 end) as answered_removes,
  count(case when fate = 'dirty' then 1 end) as dirty,
  (select count(*) from {{ plan }} where reason in ({{ outside_reasons }})) as held_from_outside,
  (select count(*) from {{ receipts }} where sync = {{ sync }}) as earlier_receipts,
  (select count(*) from {{ jobs }} where sync = {{ sync }}) as jobs
from ({{ fates }}) as fates
