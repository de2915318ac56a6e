-- Dispatch: the hot table, what the gate reads, receipts and the audit streams.
-- Rules that keep these fast beside a long transaction or a long backlog:
--   only key indexes start with part (any other index that does would tempt the planner into binding part alone on a table that looks empty);
--   task has no second unique index and no foreign key (both walk dead entries);
--   history is partitioned by id, that is by month of real time, so that it leaves by dropping a partition.

create table task (
    part int not null,
    task_id bigint not null,
    agency_id int not null,             -- the executor
    stage smallint not null,
    step smallint not null,
    state smallint not null check (state in (0, 1)),        -- 0 ready, 1 leased; an ended task is deleted
    due_at timestamptz not null,        -- business time
    epoch int not null default 0,       -- number of the grant: rises at each grant, fences late results
    leased_until timestamptz,           -- lease time
    expiry_slot int not null default 0, -- 5 s units, set at grant
    debtor_id bigint not null,
    case_id bigint not null,
    attempt smallint not null,
    expiries smallint not null default 0,
    lease_seconds int not null default 0, -- TTL of the grant, by which heartbeats move the deadline; fits into the row's padding
    check ((state = 1) = (leased_until is not null)),
    primary key (part, task_id)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
create index task_ready on task (agency_id, stage, part, due_at, task_id) where state = 0;
create index task_expiry on task (expiry_slot, part) where state = 1;
-- debtor_id alone: with part behind it, `part = $1 and task_id = any($2)` on a table without live rows flips to a full scan of this index
-- (one scan looks cheaper than one descent per key when the planner believes in one page; seen with EXPLAIN on a dead-filled table).
create index task_debtor on task (debtor_id);

-- What the gate reads, and the lock of the debtor: acts of the longest window, reservations, holds, wishes. Rebuildable from
-- contact_event, consent and hold.
create table debtor_conduct (
    part int not null,
    debtor_id bigint not null,
    version int not null default 0,
    ledger bytea not null,
    primary key (part, debtor_id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create table lease_request (
    part int not null,
    agency_id int not null,
    request_id text not null,
    body_hash bytea not null,
    parts int[] not null,
    tasks bigint[] not null,
    epochs int[] not null,
    expires_at timestamptz not null,
    primary key (part, agency_id, request_id)
);

-- The row is the receipt.
create table outcome (
    part int not null,
    task_id bigint not null,
    epoch int not null,
    agency_id int not null,
    case_id bigint not null,
    debtor_id bigint not null,
    stage smallint not null,
    step smallint not null,
    result smallint not null,
    contact_point_id bigint,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    business_at timestamptz not null,
    body_hash bytea not null,
    body bytea not null,
    next_stage smallint,
    next_not_before timestamptz,
    rule text not null,
    policy_version int not null,
    primary key (part, task_id, epoch)
) partition by range (task_id);

create table late_outcome (
    part int not null,
    task_id bigint not null,
    epoch int not null,
    agency_id int not null,
    debtor_id bigint not null,
    result smallint not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    body_hash bytea not null,
    body bytea not null,
    reason text not null,
    primary key (part, task_id, epoch)
) partition by range (task_id);

-- Ends without an outcome: why a late result finds no row.
create table task_end (
    part int not null,
    task_id bigint not null,
    epoch int not null,
    agency_id int not null,
    debtor_id bigint not null,
    reason text not null check (reason in ('recall', 'hold', 'closed', 'payment', 'replaced', 'quarantine', 'suspended', 'expired', 'released')),
    at timestamptz not null,
    primary key (part, task_id)
) partition by range (task_id);

create table contact_event (
    part int not null,
    event_id bigint not null,
    debtor_id bigint not null,
    account_id bigint,
    contact_point_id bigint,
    agency_id int,                      -- null: the bank itself
    direction text not null check (direction in ('outbound', 'inbound')),
    channel text not null,
    outcome text not null,
    party_role text not null,
    purpose text not null,
    task_id bigint,
    epoch int,
    activity_id bigint,
    occurred_at timestamptz not null,
    ended_at timestamptz,
    collector_id text,
    recording_ref text,
    late boolean not null default false,
    received_at timestamptz not null,
    primary key (part, event_id)
) partition by range (event_id);
create index contact_event_debtor on contact_event (debtor_id, occurred_at);

create table activity (
    part int not null,
    activity_id bigint not null,
    agency_id int not null,
    activity_ref text not null,
    debtor_id bigint not null,
    case_id bigint,
    type text not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    body_hash bytea not null,
    body bytea not null,
    primary key (part, activity_id)
) partition by range (activity_id);

-- One receipt per (agency, activity_ref), whatever month it was taken in.
create table activity_receipt (
    part int not null,
    agency_id int not null,
    activity_ref text not null,
    activity_id bigint not null,
    body_hash bytea not null,
    primary key (part, agency_id, activity_ref)
);

create table permit (
    part int not null,
    permit_id bigint not null,
    task_id bigint not null,
    epoch int not null,
    agency_id int not null,
    contact_point_id bigint not null,
    granted_at timestamptz not null,
    allowed_until timestamptz not null,
    primary key (part, permit_id)
);
create index permit_task on permit (task_id, epoch);

-- A task that kept expiring or that no handler could do: an operator decides (case held as 'operator').
create table quarantine (
    part int not null,
    task_id bigint not null,
    case_id bigint not null,
    debtor_id bigint not null,
    agency_id int not null,
    stage smallint not null,
    step smallint not null,
    reason text not null,
    at timestamptz not null,
    released_at timestamptz,
    released_by text,
    primary key (part, task_id)
);
create index quarantine_open on quarantine (part) where released_at is null;

create table outbox (
    part int not null,
    outbox_id bigint not null,
    target text not null,               -- 'agency' or a port of the bank: 'letter', 'sms', 'card_block', 'notice'
    agency_id int,
    kind text not null,
    case_id bigint,
    placement_id bigint,
    task_id bigint,
    body bytea not null,
    at timestamptz not null,
    needs_ack boolean not null default false,
    primary key (part, outbox_id)
);
create index outbox_agency on outbox (agency_id, outbox_id) where target = 'agency';

create table audit_entry (
    part int not null,
    writer bigint not null,
    seq bigint not null,
    at timestamptz not null,
    kind smallint not null,
    subject bigint not null,
    body bytea not null,
    hash bytea not null,
    primary key (part, writer, seq)
) partition by range (writer);
create index audit_subject on audit_entry (subject, kind);

-- Makes the partitions of a month (months since 2020-01) and says how many it made. Owned by the schema's owner, so that a process
-- without DDL rights can ask for the next month's.
create function ensure_partitions(month int) returns int language plpgsql security definer set search_path = public as $$
declare
    parent text;
    made int := 0;
begin
    foreach parent in array array['outcome', 'late_outcome', 'task_end', 'contact_event', 'activity', 'audit_entry'] loop
        if to_regclass(format('%I', parent || '_' || month)) is null then
            execute format('create table %I partition of %I for values from (%s) to (%s)',
                parent || '_' || month, parent, month::bigint << 40, (month + 1)::bigint << 40);
            made := made + 1;
        end if;
    end loop;
    return made;
end $$;
