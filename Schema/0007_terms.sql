-- Retains (留案): the holder asks for 30 more days of a placement's term, once; the bank decides. An ask the rule refuses stands here as well, with why.
create table retain (
    part int not null,
    retain_id bigint not null,
    placement_id bigint not null,
    debtor_id bigint not null,
    case_id bigint not null,
    agency_id int not null,
    purpose text not null check (purpose in ('promise', 'plan', 'visit')),
    state text not null check (state in ('open', 'granted', 'refused')),
    asked_at timestamptz not null,
    asked_by text not null,
    old_end timestamptz not null,
    new_end timestamptz not null check (new_end > old_end),
    decided_at timestamptz,
    decided_by text,
    reason text,
    primary key (part, retain_id),
    check ((state = 'open') = (decided_at is null) and (decided_at is null) = (decided_by is null))
);
create unique index retain_once on retain (part, placement_id) where state in ('open', 'granted');
create index retain_open on retain (part, asked_at) where state = 'open';

-- Evidence before purge: what the agency handed over after a recall, and how its own copies ended.
alter table recall
    add column stopped_at timestamptz,
    add column open_items int check (open_items >= 0),
    add column evidence_count int check (evidence_count >= 0),
    add column evidence_at timestamptz,
    add column purge_ordered_at timestamptz,
    add column purge_proof_ref text,
    add column purge_proof_at timestamptz,
    add constraint recall_evidence_dated check ((evidence_count is null) = (evidence_at is null)),
    add constraint recall_proof_dated check ((purge_proof_ref is null) = (purge_proof_at is null));
create index recall_evidence_open on recall (part, recall_id) where executed_at is not null and purge_proof_at is null;

grant select, insert, update, delete on retain to recourse_core;
-- An agency asks through the API, and sees whether it has asked.
grant select, insert on retain to recourse_api;
alter table retain enable row level security;
create policy core_all on retain to recourse_core, recourse_owner using (true) with check (true);
create policy agency_reads on retain for select to recourse_api
    using (agency_id = any (nullif(current_setting('recourse.agencies', true), '')::int[]));
create policy agency_inserts on retain for insert to recourse_api
    with check (agency_id = any (nullif(current_setting('recourse.agencies', true), '')::int[]));

do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('retain', 'part', colocate_with => 'debtor');
    end if;
end $$;
