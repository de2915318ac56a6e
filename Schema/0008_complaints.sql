-- Complaints with their doors and clocks: the same number of the same source is the same complaint; two persons extend and answer.
alter table complaint add column reply_hash bytea;
alter table complaint add column closed_at timestamptz;
alter table complaint add constraint complaint_extended_twice check (extensions between 0 and 2);
create unique index complaint_external on complaint (part, source, external_no) where external_no is not null;
create index complaint_debtor on complaint (part, debtor_id);
create index complaint_open on complaint (part, due_on) where state = 'open';

-- The bank's own key of a hold it sets by file.
alter table hold add column hold_ref text;
create unique index hold_by_ref on hold (part, hold_ref) where hold_ref is not null;

-- What waits at one of the bank's ports, in its order.
create index outbox_port on outbox (target, outbox_id) where target <> 'agency';
