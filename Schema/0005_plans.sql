-- The next instalment of a running plan: what reconciliation looks for.
alter table instalment_plan add column next_due date;
update instalment_plan set next_due = (instalments -> 0 ->> 'due')::date where state = 'active';
create index instalment_plan_active on instalment_plan (part, debtor_id) where state = 'active';
