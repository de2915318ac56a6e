-- Tables owned by a debtor: part (the lane) first in every key.
-- *_enc columns are AES-GCM ciphertext, *_bidx keyed blind indexes: the database never holds a name or a number in clear.

-- Directory of business keys. part = fnv1a64(kind, ref) & (lanes - 1); target_part is the owner's lane.
-- A claimed reference without a target belongs to an import that stopped half-way; the next run completes it.
create table ref (
    part int not null,
    kind text not null check (kind in ('debtor', 'account', 'payment', 'contact', 'adjustment', 'event', 'complaint', 'report', 'invoice')),
    ref text not null,
    body_hash bytea not null,
    target_part int,
    target_id bigint,
    primary key (part, kind, ref)
);

create table debtor (
    part int not null,
    debtor_id bigint not null,
    debtor_ref text not null,
    name_enc bytea,
    id_number_enc bytea,
    id_number_bidx bytea,
    language text,
    region text not null,
    time_zone text not null,
    verified_status text not null default 'alive' check (verified_status in ('alive', 'deceased', 'incapacitated', 'minor')),
    created_at timestamptz not null,
    primary key (part, debtor_id)
);
create unique index debtor_by_ref on debtor (part, debtor_ref);

create table account (
    part int not null,
    account_id bigint not null,
    debtor_id bigint not null,
    account_ref text not null,
    currency text not null,
    portfolio_id int not null,
    product text not null,
    region text not null,
    status text not null default 'open' check (status in ('open', 'cure_pending', 'cured', 'paid', 'settled', 'sold', 'closed', 'charged_off')),
    as_of date not null,
    opening_balance bigint not null,
    balance bigint not null,            -- opening - payments + reversals + accruals + adjustments, kept by every posting
    principal bigint not null,
    interest bigint not null,
    fees bigint not null,
    amount_due bigint not null,
    amount_due_assumed boolean not null default false,
    min_payment bigint not null default 0,
    accelerated boolean not null default false,
    credit_limit bigint,
    days_past_due int not null,         -- on as_of; it rolls with business time
    bucket text not null,
    delinquent_since date not null,
    default_date date not null,
    last_payment_on date,
    last_payment_amount bigint,
    statement_day smallint,
    card_status text not null default 'active' check (card_status in ('active', 'blocked', 'cancelled')),
    charge_off_on date,
    tier smallint not null default 1,
    times_delinquent int,
    segment text,
    internal_collection_done boolean,
    outsourcing_notice_at timestamptz,
    billing_address_enc bytea,
    limitation_end date,
    bank_balance bigint,                -- what the bank last reported, compared by reconciliation
    bank_as_of date,
    bank_status text check (bank_status in ('open', 'cured', 'closed', 'sold', 'charged_off')),     -- as last reported
    bank_facts jsonb not null default '{}',     -- columns of the bank's file that no rule reads
    status_since timestamptz not null,
    created_at timestamptz not null,
    primary key (part, account_id),
    foreign key (part, debtor_id) references debtor (part, debtor_id)
);
create unique index account_by_ref on account (part, account_ref, currency);
create index account_debtor on account (part, debtor_id);
create index account_portfolio on account (portfolio_id, part, debtor_id);

create table contact_point (
    part int not null,
    contact_point_id bigint not null,
    debtor_id bigint not null,
    contact_ref text not null,
    role text not null check (role in ('debtor', 'guarantor', 'spouse', 'family', 'emergency_contact', 'employer', 'colleague', 'attorney', 'debt_adviser')),
    relation text not null default 'other' check (relation in ('self', 'immediate_family', 'other')),
    debt_relation text not null default 'unrelated' check (debt_relation in ('liable', 'related', 'unrelated')),
    channel text not null check (channel in ('mobile', 'home_phone', 'work_phone', 'other_phone', 'email', 'billing_address', 'home_address', 'work_address', 'other_address')),
    value_enc bytea not null,
    value_bidx bytea not null,
    rank smallint not null default 1,
    state text not null default 'valid' check (state in ('valid', 'unverified', 'invalid', 'off')),
    state_reason text,
    provenance text not null,
    do_not_contact_since timestamptz,
    visits_off boolean not null default false,
    verified_at timestamptz,
    created_at timestamptz not null,
    primary key (part, contact_point_id),
    foreign key (part, debtor_id) references debtor (part, debtor_id)
);
create index contact_point_debtor on contact_point (part, debtor_id);
create unique index contact_point_by_ref on contact_point (part, debtor_id, contact_ref);

create table consent (
    part int not null,
    consent_id bigint not null,
    debtor_id bigint not null,
    contact_point_id bigint,
    type text not null,
    scope text,
    valid_until date,
    given_at timestamptz,
    recorded boolean not null default false,
    primary key (part, consent_id)
);
create index consent_debtor on consent (part, debtor_id);

create table hold (
    part int not null,
    hold_id bigint not null,
    debtor_id bigint not null,
    account_id bigint,                  -- null: the whole debtor
    case_id bigint,
    type text not null check (type in ('dispute', 'moratorium', 'crisis_moratorium', 'adviser_plan', 'incapacity', 'vulnerable_visit', 'instalment_plan',
        'promise', 'deceased', 'ombudsman', 'complaint', 'hardship', 'bank_request', 'cease', 'fraud_claim', 'minor', 'custody', 'self_harm_risk', 'operator')),
    state text not null default 'open' check (state in ('open', 'released')),
    set_at timestamptz not null,
    until timestamptz,                  -- null: until released by an event or a person
    set_by text not null,
    reason text not null,
    released_at timestamptz,
    released_by text,
    primary key (part, hold_id),
    check ((state = 'released') = (released_at is not null))
);
create index hold_open on hold (part, debtor_id) where state = 'open';

create table case_file (
    part int not null,
    case_id bigint not null,
    debtor_id bigint not null,
    agency_id int not null,             -- the holder
    state text not null check (state in ('ready', 'waiting', 'promised', 'planned', 'requested', 'held', 'handover', 'recalling', 'closed')),
    reason text,                        -- hold or request type, close code
    until timestamptz,
    stage smallint not null,
    stage_entered_at timestamptz not null,
    step smallint not null,
    goal smallint not null default 0,
    point_id bigint,                    -- the contact point the live contact task is for
    counters int[] not null default '{}',
    light_cadence boolean not null default false,
    last_worked_at timestamptz,
    last_rule text not null,
    policy_version int not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    close_code text,
    primary key (part, case_id),
    check ((state = 'closed') = (closed_at is not null))
);
create unique index case_one_active on case_file (part, debtor_id) where state <> 'closed';
create index case_debtor on case_file (part, debtor_id, case_id);
create index case_agency on case_file (agency_id, part) where state <> 'closed';
create index case_until on case_file (part, until) where state in ('waiting', 'promised', 'planned', 'requested', 'held');

create table placement (
    part int not null,
    placement_id bigint not null,
    account_id bigint not null,
    debtor_id bigint not null,
    case_id bigint not null,
    agency_id int not null,
    portfolio_id int not null,
    run_id bigint not null,
    state text not null check (state in ('active', 'recalling', 'closed')),
    tier smallint not null,
    bucket text not null,
    currency text not null,
    refer_balance bigint not null,
    amount_due bigint not null,
    fee_schedule_id int,
    start_stage smallint not null,
    starts_at timestamptz not null,
    term_end timestamptz not null,
    extended_until timestamptz,
    reason text not null,               -- why this agency
    close_code text,
    closed_at timestamptz,
    policy_version int not null,
    primary key (part, placement_id),
    check ((state = 'closed') = (closed_at is not null))
);
create unique index placement_one_active on placement (part, account_id) where state in ('active', 'recalling');
create index placement_debtor on placement (part, debtor_id) where state in ('active', 'recalling');
create index placement_agency on placement (agency_id, part) where state in ('active', 'recalling');
create index placement_case on placement (part, case_id);
create index placement_account on placement (part, account_id);
create index placement_term on placement (part, term_end) where state = 'active';

-- The plan of a placement run, looked at before it is approved; written to placement by chunk, done marks what was.
create table plan_item (
    part int not null,
    run_id bigint not null,
    account_id bigint not null,
    debtor_id bigint not null,
    agency_id int,                      -- null: not placed
    reason_code text not null,
    reason text not null,
    balance bigint not null,
    currency text not null,
    bucket text not null,
    done boolean not null default false,
    primary key (part, run_id, account_id)
);
create index plan_item_open on plan_item (part, run_id, debtor_id) where not done and agency_id is not null;

create table debtor_notice (
    part int not null,
    notice_id bigint not null,
    debtor_id bigint not null,
    account_id bigint not null,
    agency_id int,
    run_id bigint,
    channel text not null,
    state text not null check (state in ('queued', 'sent', 'failed', 'attested')),
    sent_at timestamptz,
    primary key (part, notice_id)
);
create index debtor_notice_account on debtor_notice (part, account_id);

create table recall (
    part int not null,
    recall_id bigint not null,
    placement_id bigint not null,
    agency_id int not null,
    category text not null,
    reason_code text not null,
    requested_at timestamptz not null,
    execute_at timestamptz not null,
    executed_at timestamptz,
    confirmed_at timestamptz,
    requested_by text not null,
    primary key (part, recall_id)
);
create unique index recall_one_open on recall (part, placement_id) where confirmed_at is null;

create table payment (
    part int not null,
    payment_id bigint not null,
    payment_ref text not null,
    account_id bigint not null,
    debtor_id bigint not null,
    entry_type text not null check (entry_type in ('payment', 'reversal', 'refund', 'chargeback', 'waiver')),
    amount bigint not null check (amount > 0),      -- always positive; entry_type gives the direction
    currency text not null,
    paid_at timestamptz not null,
    posted_at timestamptz not null,
    channel text,
    paid_via text not null default 'bank' check (paid_via in ('bank', 'agency')),
    reversal_of text,
    placement_id bigint,                -- the placement it counts for, by paid_at; null: none
    received_at timestamptz not null,
    import_file_id bigint,
    primary key (part, payment_id)
);
create unique index payment_by_ref on payment (part, payment_ref);
create index payment_account on payment (part, account_id, paid_at);

create table payment_allocation (
    part int not null,
    payment_id bigint not null,
    component text not null check (component in ('fees', 'interest', 'principal', 'credit')),
    amount bigint not null,
    primary key (part, payment_id, component)
);

-- Accruals, penalties, fees, waivers, charge-offs, purchases; signed, in the direction of the balance.
create table adjustment (
    part int not null,
    adjustment_id bigint not null,
    adjustment_ref text not null,
    account_id bigint not null,
    type text not null check (type in ('accrual_interest', 'penalty', 'fee', 'waiver', 'charge_off', 'purchase', 'conversion')),
    amount bigint not null,
    currency text not null,
    effective_at timestamptz not null,
    approved_by text,
    primary key (part, adjustment_id)
);
create index adjustment_account on adjustment (part, account_id);

create table promise (
    part int not null,
    promise_id bigint not null,
    case_id bigint not null,
    debtor_id bigint not null,
    account_id bigint not null,
    agency_id int not null,
    task_id bigint,
    epoch int,
    type text not null default 'payment' check (type in ('payment', 'extension', 'settlement', 'rest')),
    state text not null check (state in ('open', 'awaiting_ledger', 'kept', 'partially_kept', 'broken', 'claimed', 'cancelled')),
    amount bigint not null check (amount > 0),
    currency text not null,
    due_on date not null,
    judge_after timestamptz not null,   -- end of (due + grace): judged once the watermark has passed it
    taken_at timestamptz not null,
    judged_at timestamptz,
    paid_amount bigint,
    primary key (part, promise_id)
);
create index promise_open on promise (part, judge_after) where state in ('open', 'awaiting_ledger');
create index promise_debtor on promise (part, debtor_id);
create unique index promise_once on promise (part, task_id, epoch, account_id);

create table instalment_plan (
    part int not null,
    plan_id bigint not null,
    debtor_id bigint not null,
    account_id bigint not null,
    state text not null check (state in ('active', 'broken', 'settled')),
    signed_at timestamptz not null,
    term_months smallint not null check (term_months between 1 and 60),
    instalments jsonb not null,
    primary key (part, plan_id)
);

create table commission_line (
    part int not null,
    commission_line_id bigint not null,
    payment_id bigint not null,
    placement_id bigint not null,
    agency_id int not null,
    type text not null check (type in ('fee', 'clawback', 'adjustment')),
    base_amount bigint not null,
    rate_bp int not null,
    fee bigint not null,
    currency text not null,
    paid_at timestamptz not null,
    rule text not null,
    primary key (part, commission_line_id)
);
create unique index commission_once on commission_line (part, payment_id, type);
create index commission_agency on commission_line (agency_id, part);

create table complaint (
    part int not null,
    complaint_id bigint not null,
    complaint_ref text not null,
    debtor_id bigint not null,
    account_id bigint,
    agency_id int,
    source text not null,
    external_no text,
    code text,
    collector_id text,
    text_hash bytea,
    state text not null check (state in ('open', 'answered', 'closed')),
    received_at timestamptz not null,
    due_on date not null,
    extensions smallint not null default 0,
    answered_at timestamptz,
    hold_id bigint,
    primary key (part, complaint_id)
);
create unique index complaint_by_ref on complaint (part, complaint_ref);

-- What an agency or the debtor asked and only the bank may decide.
create table bank_request (
    part int not null,
    request_id bigint not null,
    case_id bigint not null,
    debtor_id bigint not null,
    account_id bigint,
    agency_id int not null,
    type text not null check (type in ('hardship', 'plan', 'extension', 'settlement', 'skip_trace', 'data_correction', 'deceased_check', 'legal', 'legal_review')),
    state text not null check (state in ('open', 'granted', 'refused', 'withdrawn')),
    detail jsonb not null default '{}',
    asked_at timestamptz not null,
    sla_due timestamptz not null,
    maker int references operator,
    checker int references operator,
    decided_at timestamptz,
    decision text,
    approvals_needed smallint not null default 1 check (approvals_needed in (1, 2)),
    primary key (part, request_id),
    constraint request_maker_is_not_checker check (checker is null or checker <> maker),
    constraint request_four_eyes check (state not in ('granted', 'refused') or approvals_needed = 1 or checker is not null)
);
create index bank_request_open on bank_request (part, sla_due) where state = 'open';
create index bank_request_case on bank_request (part, case_id);

-- A difference that somebody has to settle. Opened once per subject and kind, closed by the run that no longer finds it or by two persons.
create table break (
    part int not null,
    break_id bigint not null,
    kind text not null,
    subject_kind text not null,
    subject_id bigint not null,
    debtor_id bigint,
    agency_id int,
    ours text,
    theirs text,
    severity text not null check (severity in ('info', 'warning', 'high', 'critical')),
    owner text not null default 'operations',
    rule text,
    state text not null default 'open' check (state in ('open', 'closed')),
    opened_at timestamptz not null,
    closed_at timestamptz,
    resolution text,
    primary key (part, break_id)
);
create unique index break_once on break (part, kind, subject_kind, subject_id) where state = 'open';

-- An act that should not have been done: recorded with its evidence, never dropped.
create table violation (
    part int not null,
    violation_id bigint not null,
    debtor_id bigint not null,
    agency_id int not null,
    task_id bigint,
    epoch int,
    activity_id bigint,
    rule text not null,
    detail jsonb not null default '{}',
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    policy_version int not null,
    primary key (part, violation_id)
);
create index violation_agency on violation (agency_id, part);

create table letter (
    part int not null,
    letter_id bigint not null,
    case_id bigint not null,
    debtor_id bigint not null,
    agency_id int not null,             -- the lettershop
    task_id bigint,
    contact_point_id bigint,
    template text not null,
    template_hash bytea,
    accounts bigint[] not null,
    mail_class text not null default 'registered',
    seal_id text,
    state text not null check (state in ('ordered', 'issued', 'posted', 'delivered', 'returned', 'no_trace', 'refused', 'stopped')),
    mail_no text,
    ordered_at timestamptz not null,
    posted_at timestamptz,
    closed_at timestamptz,
    return_reason text,
    signed_by_kind text,
    answered_at timestamptz,            -- the debtor replied
    primary key (part, letter_id)
);
create index letter_case on letter (part, case_id);
create index letter_debtor on letter (part, debtor_id);

create table visit (
    part int not null,
    visit_id bigint not null,
    case_id bigint not null,
    debtor_id bigint not null,
    agency_id int not null,
    task_id bigint not null,
    epoch int not null,
    contact_point_id bigint not null,
    collectors smallint not null,
    permitted_at timestamptz not null,
    allowed_until timestamptz not null,
    occurred_at timestamptz,
    result smallint,
    evidence jsonb,
    primary key (part, visit_id)
);
create index visit_task on visit (part, task_id, epoch);
create index visit_case on visit (part, case_id);

create table legal_referral (
    part int not null,
    referral_id bigint not null,
    case_id bigint not null,
    debtor_id bigint not null,
    account_id bigint not null,
    agency_id int not null,
    task_id bigint,
    state text not null check (state in ('proposed', 'approved', 'rejected', 'withdrawn', 'filed', 'judgment', 'enforcement', 'closed')),
    route text check (route in ('civil', 'lawyer_letter', 'mediation', 'payment_order', 'criminal_report')),
    case_no text,
    amount bigint,
    fx_rate numeric,
    guard jsonb not null,
    proposed_at timestamptz not null,
    card_block_due timestamptz,
    card_block_confirmed_at timestamptz,
    decided_at timestamptz,
    costs bigint not null default 0,
    primary key (part, referral_id)
);
create index legal_referral_case on legal_referral (part, case_id);
