-- Control tables: small, not owned by a debtor, without a lane. On a distributed PostgreSQL they become reference tables.

-- Facts fixed when the database was created: lanes (power of two, never changed), rehearsal (may the clock be set?).
create table setting (
    name text primary key,
    value text not null
);

-- Business time = anchor_business + rate * (least(now(), run_until) - anchor_real). One row; production: rate 1, equal anchors, run_until infinity.
-- driver_*: which process paces the clock (a lease on this row, so a dead driver freezes business time instead of letting it run away).
create table clock (
    only_one boolean primary key default true check (only_one),
    anchor_real timestamptz not null,
    anchor_business timestamptz not null,
    rate double precision not null check (rate >= 0),
    run_until timestamptz not null,
    driver text,
    driver_until timestamptz
);

create table operator (
    operator_id int primary key generated always as identity,
    name text not null unique check (length(name) between 1 and 100),
    role text not null check (role in ('viewer', 'operator', 'supervisor', 'compliance', 'admin')),
    token_hash bytea not null unique,
    active boolean not null default true,
    created_at timestamptz not null
);

-- Four eyes: what one operator asked for, a second one decides. The constraint, not the program, keeps maker and checker apart.
create table approval (
    approval_id bigint primary key,
    kind text not null,
    subject text not null,
    detail jsonb not null default '{}',
    maker int not null references operator,
    made_at timestamptz not null,
    checker int references operator,
    checked_at timestamptz,
    decision text check (decision in ('approved', 'rejected')),
    reason text,
    constraint maker_is_not_checker check (checker is null or checker <> maker),
    constraint decided_by_someone check ((decision is null) = (checker is null) and (checker is null) = (checked_at is null))
);
create unique index approval_one_open on approval (kind, subject) where decision is null;

create table policy_version (
    policy_version int primary key generated always as identity,
    policy_id text not null,
    version text not null,
    sha256 bytea not null unique,
    yaml text not null,
    effective_from date not null,
    effective_to date,
    loaded_at timestamptz not null
);

create table agency (
    agency_id int primary key generated always as identity,
    name text not null unique check (length(name) between 1 and 100),
    display_name text not null,
    kind text not null check (kind in ('collection', 'field', 'lettershop', 'law_firm', 'in_house')),
    state text not null default 'active' check (state in ('active', 'suspended')),
    state_reason text,
    listed boolean not null default false,
    license_until date,
    evaluated_on date,
    trained_on date,
    subcontracts boolean not null default false,
    created_at timestamptz not null
);

-- The contract in force: what the agency may be given. One row per agency and start; the newest that has started binds.
create table agency_contract (
    agency_id int not null references agency,
    starts_on date not null,
    ends_on date not null check (ends_on >= starts_on),
    stages text[] not null,
    regions text[] not null,            -- '*' = every region
    field_regions text[] not null default '{}',
    products text[] not null,           -- '*' = every product
    currencies text[] not null,         -- '*' = every currency
    min_balance bigint,
    max_balance bigint,
    capacity_count int not null check (capacity_count >= 0),
    capacity_amount bigint check (capacity_amount >= 0),
    share_bp int not null default 0 check (share_bp between 0 and 10000),
    weight int not null default 1 check (weight > 0),
    commission_only boolean not null default false,
    primary key (agency_id, starts_on)
);

create table fee_schedule (
    fee_schedule_id int primary key generated always as identity,
    agency_id int not null references agency,
    starts_on date not null,
    rates jsonb not null,               -- [{"band": "M2", "tier": 1, "rate_bp": 1500}], first match by bucket at placement and tier; band "*" = any
    unique (agency_id, starts_on)
);

create table agency_credential (
    token_hash bytea primary key,
    agency_id int not null references agency,
    label text not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);
create index agency_credential_agency on agency_credential (agency_id);

-- Which agency executes a stage, by product and region ('*' = any). No row: the holder itself.
create table stage_route (
    stage smallint not null,
    product text not null default '*',
    region text not null default '*',
    agency_id int not null references agency,
    primary key (stage, product, region)
);

-- Secrets that sign lease tokens. New tokens use the newest active key; all not destroyed verify.
create table signing_key (
    kid int primary key generated always as identity,
    secret bytea not null,
    state text not null check (state in ('active', 'retired', 'destroyed')),
    created_at timestamptz not null,
    check ((state = 'destroyed') = (length(secret) = 0))
);

-- Where the next block of ids starts. Touched once per 100,000 ids, never per row.
create table id_block (
    kind text not null,
    month int not null,
    next bigint not null,
    primary key (kind, month)
);

create table portfolio (
    portfolio_id int primary key generated always as identity,
    name text not null unique,
    as_of date not null,
    internal_collection_done boolean,
    created_at timestamptz not null
);

-- What an operator attested for a whole portfolio in place of a column the bank's file lacks.
create table attestation (
    portfolio_id int not null references portfolio,
    fact text not null check (fact in ('debtor_notice', 'internal_collection_done')),
    holds_from date not null,
    operator_id int not null references operator,
    reason text not null,
    attested_at timestamptz not null,
    primary key (portfolio_id, fact)
);

create table fx_rate (
    rate_on date not null,
    from_currency text not null,
    to_currency text not null,
    rate numeric not null check (rate > 0),
    primary key (from_currency, to_currency, rate_on)
);

-- Up to when the payments of each source are known. The watermark of the system is the minimum.
create table ledger_watermark (
    source text primary key,
    through timestamptz not null,
    daily_feed boolean not null default false,
    updated_at timestamptz not null
);

create table import_file (
    import_file_id bigint primary key,
    kind text not null,
    portfolio text,
    file_name text not null,
    sha256 bytea not null,
    state text not null check (state in ('loading', 'loaded', 'refused')),
    rows_read bigint not null default 0,
    rows_loaded bigint not null default 0,
    rows_known bigint not null default 0,
    rows_rejected bigint not null default 0,
    amount_total numeric,
    detail jsonb not null default '{}',     -- totals by currency, as-of date, ledger_through, who asked
    reason text,
    started_at timestamptz not null,
    ended_at timestamptz
);
create unique index import_file_once on import_file (kind, sha256, coalesce(portfolio, '')) where state = 'loaded';

create table import_reject (
    import_file_id bigint not null references import_file,
    row_number bigint not null,
    field text not null,
    reason text not null,
    primary key (import_file_id, row_number, field)
);

-- Validated rows on their way from a file to the lanes, personal values sealed. Unlogged: after a crash the file is read again.
-- lane is that of the owner; phase orders rows within it (reversals after what they reverse).
create unlogged table import_row (
    import_file_id bigint not null,
    lane int not null,
    phase smallint not null,
    row_number bigint not null,
    ref text not null,
    body bytea not null,
    primary key (import_file_id, lane, phase, row_number)
);

-- Long jobs: who runs them, how far they are. lease_until makes overlap impossible and a dead runner harmless.
create table run (
    run_id bigint primary key,
    kind text not null,
    subject text not null default '',
    state text not null check (state in ('running', 'done', 'failed')),
    detail jsonb not null default '{}',
    done bigint not null default 0,
    total bigint,
    started_at timestamptz not null,
    business_at timestamptz,
    ended_at timestamptz,
    holder text,
    lease_until timestamptz
);
create unique index run_one_running on run (kind, subject) where state = 'running';

create table placement_run (
    run_id bigint primary key,
    portfolio_id int not null references portfolio,
    strategy text not null check (strategy in ('round_robin', 'weighted')),
    seed bigint not null,
    state text not null check (state in ('planned', 'approved', 'running', 'done', 'stale', 'cancelled')),
    input_hash bytea not null,
    planned_at timestamptz not null,
    business_on date not null,
    maker int not null references operator,
    approved_at timestamptz,
    checker int references operator,
    policy_version int not null references policy_version,
    term_days int not null check (term_days > 0),
    constraint placement_run_maker_is_not_checker check (checker is null or checker <> maker)
);

-- Capacity an approved plan holds until its placements are written or it is cancelled.
create table capacity_reservation (
    run_id bigint not null references placement_run,
    agency_id int not null references agency,
    accounts int not null,
    amount numeric not null,
    open boolean not null default true,
    primary key (run_id, agency_id)
);

create table idempotency_key (
    actor text not null,
    key text not null,
    body_hash bytea not null,
    status int not null,
    response bytea not null,
    created_at timestamptz not null,
    primary key (actor, key)
);

-- One row per agency: its lock serialises the publisher, so that the order of seq is the order of commit.
create table agency_feed (
    agency_id int primary key references agency,
    next_seq bigint not null default 1,
    acknowledged_seq bigint not null default 0,
    fetched_at timestamptz
);

create table notice (
    agency_id int not null,
    seq bigint not null,
    kind text not null,
    part int not null,
    case_id bigint,
    placement_id bigint,
    task_id bigint,
    body bytea not null,
    at timestamptz not null,
    needs_ack boolean not null default false,
    acknowledged_at timestamptz,
    primary key (agency_id, seq)
);

create table audit_checkpoint (
    seq bigint primary key,
    at timestamptz not null,
    prev_hash bytea not null,
    heads bytea not null,
    root bytea not null,
    hash bytea not null
);
