CREATE FUNCTION public.ensure_partitions(month integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public'
    AS $$
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
CREATE TABLE public.account (
    part integer NOT NULL,
    account_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_ref text NOT NULL,
    currency text NOT NULL,
    portfolio_id integer NOT NULL,
    product text NOT NULL,
    region text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    as_of date NOT NULL,
    opening_balance bigint NOT NULL,
    balance bigint NOT NULL,
    principal bigint NOT NULL,
    interest bigint NOT NULL,
    fees bigint NOT NULL,
    amount_due bigint NOT NULL,
    amount_due_assumed boolean DEFAULT false NOT NULL,
    min_payment bigint DEFAULT 0 NOT NULL,
    accelerated boolean DEFAULT false NOT NULL,
    credit_limit bigint,
    days_past_due integer NOT NULL,
    bucket text NOT NULL,
    delinquent_since date NOT NULL,
    default_date date NOT NULL,
    last_payment_on date,
    last_payment_amount bigint,
    statement_day smallint,
    card_status text DEFAULT 'active'::text NOT NULL,
    charge_off_on date,
    tier smallint DEFAULT 1 NOT NULL,
    times_delinquent integer,
    segment text,
    internal_collection_done boolean,
    outsourcing_notice_at timestamp with time zone,
    billing_address_enc bytea,
    limitation_end date,
    bank_balance bigint,
    bank_as_of date,
    bank_status text,
    bank_facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    status_since timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT account_bank_status_check CHECK ((bank_status = ANY (ARRAY['open'::text, 'cured'::text, 'closed'::text, 'sold'::text, 'charged_off'::text]))),
    CONSTRAINT account_card_status_check CHECK ((card_status = ANY (ARRAY['active'::text, 'blocked'::text, 'cancelled'::text]))),
    CONSTRAINT account_status_check CHECK ((status = ANY (ARRAY['open'::text, 'cure_pending'::text, 'cured'::text, 'paid'::text, 'settled'::text, 'sold'::text, 'closed'::text, 'charged_off'::text])))
);
CREATE TABLE public.activity (
    part integer NOT NULL,
    activity_id bigint NOT NULL,
    agency_id integer NOT NULL,
    activity_ref text NOT NULL,
    debtor_id bigint NOT NULL,
    case_id bigint,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    body_hash bytea NOT NULL,
    body bytea NOT NULL
)
PARTITION BY RANGE (activity_id);
CREATE TABLE public.activity_receipt (
    part integer NOT NULL,
    agency_id integer NOT NULL,
    activity_ref text NOT NULL,
    activity_id bigint NOT NULL,
    body_hash bytea NOT NULL
);
CREATE TABLE public.adjustment (
    part integer NOT NULL,
    adjustment_id bigint NOT NULL,
    adjustment_ref text NOT NULL,
    account_id bigint NOT NULL,
    type text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    approved_by text,
    CONSTRAINT adjustment_type_check CHECK ((type = ANY (ARRAY['accrual_interest'::text, 'penalty'::text, 'fee'::text, 'waiver'::text, 'charge_off'::text, 'purchase'::text, 'conversion'::text])))
);
CREATE TABLE public.agency (
    agency_id integer NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    state_reason text,
    listed boolean DEFAULT false NOT NULL,
    license_until date,
    evaluated_on date,
    trained_on date,
    subcontracts boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT agency_kind_check CHECK ((kind = ANY (ARRAY['collection'::text, 'field'::text, 'lettershop'::text, 'law_firm'::text, 'in_house'::text]))),
    CONSTRAINT agency_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT agency_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text])))
);
ALTER TABLE public.agency ALTER COLUMN agency_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.agency_agency_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.agency_contract (
    agency_id integer NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    stages text[] NOT NULL,
    regions text[] NOT NULL,
    field_regions text[] DEFAULT '{}'::text[] NOT NULL,
    products text[] NOT NULL,
    currencies text[] NOT NULL,
    min_balance bigint,
    max_balance bigint,
    capacity_count integer NOT NULL,
    capacity_amount bigint,
    share_bp integer DEFAULT 0 NOT NULL,
    weight integer DEFAULT 1 NOT NULL,
    commission_only boolean DEFAULT false NOT NULL,
    CONSTRAINT agency_contract_capacity_amount_check CHECK ((capacity_amount >= 0)),
    CONSTRAINT agency_contract_capacity_count_check CHECK ((capacity_count >= 0)),
    CONSTRAINT agency_contract_check CHECK ((ends_on >= starts_on)),
    CONSTRAINT agency_contract_share_bp_check CHECK (((share_bp >= 0) AND (share_bp <= 10000))),
    CONSTRAINT agency_contract_weight_check CHECK ((weight > 0))
);
CREATE TABLE public.agency_credential (
    token_hash bytea NOT NULL,
    agency_id integer NOT NULL,
    label text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);
CREATE TABLE public.agency_feed (
    agency_id integer NOT NULL,
    next_seq bigint DEFAULT 1 NOT NULL,
    acknowledged_seq bigint DEFAULT 0 NOT NULL,
    fetched_at timestamp with time zone
);
CREATE TABLE public.approval (
    approval_id bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    maker integer NOT NULL,
    made_at timestamp with time zone NOT NULL,
    checker integer,
    checked_at timestamp with time zone,
    decision text,
    reason text,
    CONSTRAINT approval_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'rejected'::text]))),
    CONSTRAINT decided_by_someone CHECK ((((decision IS NULL) = (checker IS NULL)) AND ((checker IS NULL) = (checked_at IS NULL)))),
    CONSTRAINT maker_is_not_checker CHECK (((checker IS NULL) OR (checker <> maker)))
);
CREATE TABLE public.attestation (
    portfolio_id integer NOT NULL,
    fact text NOT NULL,
    holds_from date NOT NULL,
    operator_id integer NOT NULL,
    reason text NOT NULL,
    attested_at timestamp with time zone NOT NULL,
    CONSTRAINT attestation_fact_check CHECK ((fact = ANY (ARRAY['debtor_notice'::text, 'internal_collection_done'::text])))
);
CREATE TABLE public.audit_checkpoint (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    prev_hash bytea NOT NULL,
    heads bytea NOT NULL,
    root bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE public.audit_entry (
    part integer NOT NULL,
    writer bigint NOT NULL,
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    kind smallint NOT NULL,
    subject bigint NOT NULL,
    body bytea NOT NULL,
    hash bytea NOT NULL
)
PARTITION BY RANGE (writer);
CREATE TABLE public.bank_request (
    part integer NOT NULL,
    request_id bigint NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint,
    agency_id integer NOT NULL,
    type text NOT NULL,
    state text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    sla_due timestamp with time zone NOT NULL,
    maker integer,
    checker integer,
    decided_at timestamp with time zone,
    decision text,
    approvals_needed smallint DEFAULT 1 NOT NULL,
    CONSTRAINT bank_request_approvals_needed_check CHECK ((approvals_needed = ANY (ARRAY[1, 2]))),
    CONSTRAINT bank_request_state_check CHECK ((state = ANY (ARRAY['open'::text, 'granted'::text, 'refused'::text, 'withdrawn'::text]))),
    CONSTRAINT bank_request_type_check CHECK ((type = ANY (ARRAY['hardship'::text, 'plan'::text, 'extension'::text, 'settlement'::text, 'skip_trace'::text, 'data_correction'::text, 'deceased_check'::text, 'legal'::text, 'legal_review'::text]))),
    CONSTRAINT request_four_eyes CHECK (((state <> ALL (ARRAY['granted'::text, 'refused'::text])) OR (approvals_needed = 1) OR (checker IS NOT NULL))),
    CONSTRAINT request_maker_is_not_checker CHECK (((checker IS NULL) OR (checker <> maker)))
);
CREATE TABLE public.break (
    part integer NOT NULL,
    break_id bigint NOT NULL,
    kind text NOT NULL,
    subject_kind text NOT NULL,
    subject_id bigint NOT NULL,
    debtor_id bigint,
    agency_id integer,
    ours text,
    theirs text,
    severity text NOT NULL,
    owner text DEFAULT 'operations'::text NOT NULL,
    rule text,
    state text DEFAULT 'open'::text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    resolution text,
    CONSTRAINT break_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'high'::text, 'critical'::text]))),
    CONSTRAINT break_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);
CREATE TABLE public.capacity_reservation (
    run_id bigint NOT NULL,
    agency_id integer NOT NULL,
    accounts integer NOT NULL,
    amount numeric NOT NULL,
    open boolean DEFAULT true NOT NULL
);
CREATE TABLE public.card_order (
    part integer NOT NULL,
    order_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    case_id bigint NOT NULL,
    account_id bigint NOT NULL,
    act text NOT NULL,
    rule text NOT NULL,
    ordered_at timestamp with time zone NOT NULL,
    confirm_by timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    confirmed_by text,
    CONSTRAINT card_order_act_check CHECK ((act = ANY (ARRAY['block'::text, 'unblock'::text]))),
    CONSTRAINT card_order_check CHECK (((confirmed_at IS NULL) = (confirmed_by IS NULL)))
);
CREATE TABLE public.case_file (
    part integer NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    agency_id integer NOT NULL,
    state text NOT NULL,
    reason text,
    until timestamp with time zone,
    stage smallint NOT NULL,
    stage_entered_at timestamp with time zone NOT NULL,
    step smallint NOT NULL,
    goal smallint DEFAULT 0 NOT NULL,
    point_id bigint,
    counters integer[] DEFAULT '{}'::integer[] NOT NULL,
    light_cadence boolean DEFAULT false NOT NULL,
    last_worked_at timestamp with time zone,
    last_rule text NOT NULL,
    policy_version integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    close_code text,
    CONSTRAINT case_file_check CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT case_file_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'waiting'::text, 'promised'::text, 'planned'::text, 'requested'::text, 'held'::text, 'handover'::text, 'recalling'::text, 'closed'::text])))
);
CREATE TABLE public.clock (
    only_one boolean DEFAULT true NOT NULL,
    anchor_real timestamp with time zone NOT NULL,
    anchor_business timestamp with time zone NOT NULL,
    rate double precision NOT NULL,
    run_until timestamp with time zone NOT NULL,
    driver text,
    driver_until timestamp with time zone,
    CONSTRAINT clock_only_one_check CHECK (only_one),
    CONSTRAINT clock_rate_check CHECK ((rate >= (0)::double precision))
);
CREATE TABLE public.commission_line (
    part integer NOT NULL,
    commission_line_id bigint NOT NULL,
    payment_id bigint NOT NULL,
    placement_id bigint NOT NULL,
    agency_id integer NOT NULL,
    type text NOT NULL,
    base_amount bigint NOT NULL,
    rate_bp integer NOT NULL,
    fee bigint NOT NULL,
    currency text NOT NULL,
    paid_at timestamp with time zone NOT NULL,
    rule text NOT NULL,
    CONSTRAINT commission_line_type_check CHECK ((type = ANY (ARRAY['fee'::text, 'clawback'::text, 'adjustment'::text])))
);
CREATE TABLE public.complaint (
    part integer NOT NULL,
    complaint_id bigint NOT NULL,
    complaint_ref text NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint,
    agency_id integer,
    source text NOT NULL,
    external_no text,
    code text,
    collector_id text,
    text_hash bytea,
    state text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    due_on date NOT NULL,
    extensions smallint DEFAULT 0 NOT NULL,
    answered_at timestamp with time zone,
    hold_id bigint,
    reply_hash bytea,
    closed_at timestamp with time zone,
    CONSTRAINT complaint_extended_twice CHECK (((extensions >= 0) AND (extensions <= 2))),
    CONSTRAINT complaint_state_check CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'closed'::text])))
);
CREATE TABLE public.consent (
    part integer NOT NULL,
    consent_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    contact_point_id bigint,
    type text NOT NULL,
    scope text,
    valid_until date,
    given_at timestamp with time zone,
    recorded boolean DEFAULT false NOT NULL
);
CREATE TABLE public.contact_event (
    part integer NOT NULL,
    event_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint,
    contact_point_id bigint,
    agency_id integer,
    direction text NOT NULL,
    channel text NOT NULL,
    outcome text NOT NULL,
    party_role text NOT NULL,
    purpose text NOT NULL,
    task_id bigint,
    epoch integer,
    activity_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    collector_id text,
    recording_ref text,
    late boolean DEFAULT false NOT NULL,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT contact_event_direction_check CHECK ((direction = ANY (ARRAY['outbound'::text, 'inbound'::text])))
)
PARTITION BY RANGE (event_id);
CREATE TABLE public.contact_point (
    part integer NOT NULL,
    contact_point_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    contact_ref text NOT NULL,
    role text NOT NULL,
    relation text DEFAULT 'other'::text NOT NULL,
    debt_relation text DEFAULT 'unrelated'::text NOT NULL,
    channel text NOT NULL,
    value_enc bytea NOT NULL,
    value_bidx bytea NOT NULL,
    rank smallint DEFAULT 1 NOT NULL,
    state text DEFAULT 'valid'::text NOT NULL,
    state_reason text,
    provenance text NOT NULL,
    do_not_contact_since timestamp with time zone,
    visits_off boolean DEFAULT false NOT NULL,
    verified_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT contact_point_channel_check CHECK ((channel = ANY (ARRAY['mobile'::text, 'home_phone'::text, 'work_phone'::text, 'other_phone'::text, 'email'::text, 'billing_address'::text, 'home_address'::text, 'work_address'::text, 'other_address'::text]))),
    CONSTRAINT contact_point_debt_relation_check CHECK ((debt_relation = ANY (ARRAY['liable'::text, 'related'::text, 'unrelated'::text]))),
    CONSTRAINT contact_point_relation_check CHECK ((relation = ANY (ARRAY['self'::text, 'immediate_family'::text, 'other'::text]))),
    CONSTRAINT contact_point_role_check CHECK ((role = ANY (ARRAY['debtor'::text, 'guarantor'::text, 'spouse'::text, 'family'::text, 'emergency_contact'::text, 'employer'::text, 'colleague'::text, 'attorney'::text, 'debt_adviser'::text]))),
    CONSTRAINT contact_point_state_check CHECK ((state = ANY (ARRAY['valid'::text, 'unverified'::text, 'invalid'::text, 'off'::text])))
);
CREATE TABLE public.debtor (
    part integer NOT NULL,
    debtor_id bigint NOT NULL,
    debtor_ref text NOT NULL,
    name_enc bytea,
    id_number_enc bytea,
    id_number_bidx bytea,
    language text,
    region text NOT NULL,
    time_zone text NOT NULL,
    verified_status text DEFAULT 'alive'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT debtor_verified_status_check CHECK ((verified_status = ANY (ARRAY['alive'::text, 'deceased'::text, 'incapacitated'::text, 'minor'::text])))
);
CREATE TABLE public.debtor_conduct (
    part integer NOT NULL,
    debtor_id bigint NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    ledger bytea NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.debtor_notice (
    part integer NOT NULL,
    notice_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint NOT NULL,
    agency_id integer,
    run_id bigint,
    channel text NOT NULL,
    state text NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT debtor_notice_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'attested'::text])))
);
CREATE TABLE public.fee_schedule (
    fee_schedule_id integer NOT NULL,
    agency_id integer NOT NULL,
    starts_on date NOT NULL,
    rates jsonb NOT NULL
);
ALTER TABLE public.fee_schedule ALTER COLUMN fee_schedule_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.fee_schedule_fee_schedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.fx_rate (
    rate_on date NOT NULL,
    from_currency text NOT NULL,
    to_currency text NOT NULL,
    rate numeric NOT NULL,
    CONSTRAINT fx_rate_rate_check CHECK ((rate > (0)::numeric))
);
CREATE TABLE public.hold (
    part integer NOT NULL,
    hold_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint,
    case_id bigint,
    type text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    set_by text NOT NULL,
    reason text NOT NULL,
    released_at timestamp with time zone,
    released_by text,
    hold_ref text,
    CONSTRAINT hold_check CHECK (((state = 'released'::text) = (released_at IS NOT NULL))),
    CONSTRAINT hold_state_check CHECK ((state = ANY (ARRAY['open'::text, 'released'::text]))),
    CONSTRAINT hold_type_check CHECK ((type = ANY (ARRAY['dispute'::text, 'moratorium'::text, 'crisis_moratorium'::text, 'adviser_plan'::text, 'incapacity'::text, 'vulnerable_visit'::text, 'instalment_plan'::text, 'promise'::text, 'deceased'::text, 'ombudsman'::text, 'complaint'::text, 'hardship'::text, 'bank_request'::text, 'cease'::text, 'fraud_claim'::text, 'minor'::text, 'custody'::text, 'self_harm_risk'::text, 'operator'::text])))
);
CREATE TABLE public.id_block (
    kind text NOT NULL,
    month integer NOT NULL,
    next bigint NOT NULL
);
CREATE TABLE public.idempotency_key (
    actor text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    status integer NOT NULL,
    response bytea NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.import_file (
    import_file_id bigint NOT NULL,
    kind text NOT NULL,
    portfolio text,
    file_name text NOT NULL,
    sha256 bytea NOT NULL,
    state text NOT NULL,
    rows_read bigint DEFAULT 0 NOT NULL,
    rows_loaded bigint DEFAULT 0 NOT NULL,
    rows_known bigint DEFAULT 0 NOT NULL,
    rows_rejected bigint DEFAULT 0 NOT NULL,
    amount_total numeric,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    reason text,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT import_file_state_check CHECK ((state = ANY (ARRAY['loading'::text, 'loaded'::text, 'refused'::text])))
);
CREATE TABLE public.import_reject (
    import_file_id bigint NOT NULL,
    row_number bigint NOT NULL,
    field text NOT NULL,
    reason text NOT NULL
);
CREATE UNLOGGED TABLE public.import_row (
    import_file_id bigint NOT NULL,
    lane integer NOT NULL,
    phase smallint NOT NULL,
    row_number bigint NOT NULL,
    ref text NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.instalment_plan (
    part integer NOT NULL,
    plan_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint NOT NULL,
    state text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    term_months smallint NOT NULL,
    instalments jsonb NOT NULL,
    next_due date,
    CONSTRAINT instalment_plan_state_check CHECK ((state = ANY (ARRAY['active'::text, 'broken'::text, 'settled'::text]))),
    CONSTRAINT instalment_plan_term_months_check CHECK (((term_months >= 1) AND (term_months <= 60)))
);
CREATE TABLE public.late_outcome (
    part integer NOT NULL,
    task_id bigint NOT NULL,
    epoch integer NOT NULL,
    agency_id integer NOT NULL,
    debtor_id bigint NOT NULL,
    result smallint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    body_hash bytea NOT NULL,
    body bytea NOT NULL,
    reason text NOT NULL
)
PARTITION BY RANGE (task_id);
CREATE TABLE public.lease_request (
    part integer NOT NULL,
    agency_id integer NOT NULL,
    request_id text NOT NULL,
    body_hash bytea NOT NULL,
    parts integer[] NOT NULL,
    tasks bigint[] NOT NULL,
    epochs integer[] NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.ledger_watermark (
    source text NOT NULL,
    through timestamp with time zone NOT NULL,
    daily_feed boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.legal_referral (
    part integer NOT NULL,
    referral_id bigint NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint NOT NULL,
    agency_id integer NOT NULL,
    task_id bigint,
    state text NOT NULL,
    route text,
    case_no text,
    amount bigint,
    fx_rate numeric,
    guard jsonb NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    card_block_due timestamp with time zone,
    card_block_confirmed_at timestamp with time zone,
    decided_at timestamp with time zone,
    costs bigint DEFAULT 0 NOT NULL,
    CONSTRAINT legal_referral_route_check CHECK ((route = ANY (ARRAY['civil'::text, 'lawyer_letter'::text, 'mediation'::text, 'payment_order'::text, 'criminal_report'::text]))),
    CONSTRAINT legal_referral_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text, 'filed'::text, 'judgment'::text, 'enforcement'::text, 'closed'::text])))
);
CREATE TABLE public.letter (
    part integer NOT NULL,
    letter_id bigint NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    agency_id integer NOT NULL,
    task_id bigint,
    contact_point_id bigint,
    template text NOT NULL,
    template_hash bytea,
    accounts bigint[] NOT NULL,
    mail_class text DEFAULT 'registered'::text NOT NULL,
    seal_id text,
    state text NOT NULL,
    mail_no text,
    ordered_at timestamp with time zone NOT NULL,
    posted_at timestamp with time zone,
    closed_at timestamp with time zone,
    return_reason text,
    signed_by_kind text,
    answered_at timestamp with time zone,
    CONSTRAINT letter_state_check CHECK ((state = ANY (ARRAY['ordered'::text, 'issued'::text, 'posted'::text, 'delivered'::text, 'returned'::text, 'no_trace'::text, 'refused'::text, 'stopped'::text])))
);
CREATE TABLE public.notice (
    agency_id integer NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    part integer NOT NULL,
    case_id bigint,
    placement_id bigint,
    task_id bigint,
    body bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    needs_ack boolean DEFAULT false NOT NULL,
    acknowledged_at timestamp with time zone
);
CREATE TABLE public.operator (
    operator_id integer NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    token_hash bytea NOT NULL,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT operator_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT operator_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'supervisor'::text, 'compliance'::text, 'admin'::text])))
);
ALTER TABLE public.operator ALTER COLUMN operator_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.operator_operator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.outbox (
    part integer NOT NULL,
    outbox_id bigint NOT NULL,
    target text NOT NULL,
    agency_id integer,
    kind text NOT NULL,
    case_id bigint,
    placement_id bigint,
    task_id bigint,
    body bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    needs_ack boolean DEFAULT false NOT NULL
);
CREATE TABLE public.outcome (
    part integer NOT NULL,
    task_id bigint NOT NULL,
    epoch integer NOT NULL,
    agency_id integer NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    stage smallint NOT NULL,
    step smallint NOT NULL,
    result smallint NOT NULL,
    contact_point_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    business_at timestamp with time zone NOT NULL,
    body_hash bytea NOT NULL,
    body bytea NOT NULL,
    next_stage smallint,
    next_not_before timestamp with time zone,
    rule text NOT NULL,
    policy_version integer NOT NULL
)
PARTITION BY RANGE (task_id);
CREATE TABLE public.payment (
    part integer NOT NULL,
    payment_id bigint NOT NULL,
    payment_ref text NOT NULL,
    account_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    entry_type text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    paid_at timestamp with time zone NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    channel text,
    paid_via text DEFAULT 'bank'::text NOT NULL,
    reversal_of text,
    placement_id bigint,
    received_at timestamp with time zone NOT NULL,
    import_file_id bigint,
    CONSTRAINT payment_amount_check CHECK ((amount > 0)),
    CONSTRAINT payment_entry_type_check CHECK ((entry_type = ANY (ARRAY['payment'::text, 'reversal'::text, 'refund'::text, 'chargeback'::text, 'waiver'::text]))),
    CONSTRAINT payment_paid_via_check CHECK ((paid_via = ANY (ARRAY['bank'::text, 'agency'::text])))
);
CREATE TABLE public.payment_allocation (
    part integer NOT NULL,
    payment_id bigint NOT NULL,
    component text NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT payment_allocation_component_check CHECK ((component = ANY (ARRAY['fees'::text, 'interest'::text, 'principal'::text, 'credit'::text])))
);
CREATE TABLE public.permit (
    part integer NOT NULL,
    permit_id bigint NOT NULL,
    task_id bigint NOT NULL,
    epoch integer NOT NULL,
    agency_id integer NOT NULL,
    contact_point_id bigint NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    allowed_until timestamp with time zone NOT NULL
);
CREATE TABLE public.placement (
    part integer NOT NULL,
    placement_id bigint NOT NULL,
    account_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    case_id bigint NOT NULL,
    agency_id integer NOT NULL,
    portfolio_id integer NOT NULL,
    run_id bigint NOT NULL,
    state text NOT NULL,
    tier smallint NOT NULL,
    bucket text NOT NULL,
    currency text NOT NULL,
    refer_balance bigint NOT NULL,
    amount_due bigint NOT NULL,
    fee_schedule_id integer,
    start_stage smallint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    term_end timestamp with time zone NOT NULL,
    extended_until timestamp with time zone,
    reason text NOT NULL,
    close_code text,
    closed_at timestamp with time zone,
    policy_version integer NOT NULL,
    CONSTRAINT placement_check CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT placement_state_check CHECK ((state = ANY (ARRAY['active'::text, 'recalling'::text, 'closed'::text])))
);
CREATE TABLE public.placement_run (
    run_id bigint NOT NULL,
    portfolio_id integer NOT NULL,
    strategy text NOT NULL,
    seed bigint NOT NULL,
    state text NOT NULL,
    input_hash bytea NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    business_on date NOT NULL,
    maker integer NOT NULL,
    approved_at timestamp with time zone,
    checker integer,
    policy_version integer NOT NULL,
    term_days integer NOT NULL,
    CONSTRAINT placement_run_maker_is_not_checker CHECK (((checker IS NULL) OR (checker <> maker))),
    CONSTRAINT placement_run_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'approved'::text, 'running'::text, 'done'::text, 'stale'::text, 'cancelled'::text]))),
    CONSTRAINT placement_run_strategy_check CHECK ((strategy = ANY (ARRAY['round_robin'::text, 'weighted'::text]))),
    CONSTRAINT placement_run_term_days_check CHECK ((term_days > 0))
);
CREATE TABLE public.plan_item (
    part integer NOT NULL,
    run_id bigint NOT NULL,
    account_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    agency_id integer,
    reason_code text NOT NULL,
    reason text NOT NULL,
    balance bigint NOT NULL,
    currency text NOT NULL,
    bucket text NOT NULL,
    done boolean DEFAULT false NOT NULL
);
CREATE TABLE public.policy_version (
    policy_version integer NOT NULL,
    policy_id text NOT NULL,
    version text NOT NULL,
    sha256 bytea NOT NULL,
    yaml text NOT NULL,
    effective_from date NOT NULL,
    effective_to date,
    loaded_at timestamp with time zone NOT NULL
);
ALTER TABLE public.policy_version ALTER COLUMN policy_version ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.policy_version_policy_version_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.portfolio (
    portfolio_id integer NOT NULL,
    name text NOT NULL,
    as_of date NOT NULL,
    internal_collection_done boolean,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE public.portfolio ALTER COLUMN portfolio_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.portfolio_portfolio_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promise (
    part integer NOT NULL,
    promise_id bigint NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    account_id bigint NOT NULL,
    agency_id integer NOT NULL,
    task_id bigint,
    epoch integer,
    type text DEFAULT 'payment'::text NOT NULL,
    state text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    due_on date NOT NULL,
    judge_after timestamp with time zone NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    judged_at timestamp with time zone,
    paid_amount bigint,
    CONSTRAINT promise_amount_check CHECK ((amount > 0)),
    CONSTRAINT promise_state_check CHECK ((state = ANY (ARRAY['open'::text, 'awaiting_ledger'::text, 'kept'::text, 'partially_kept'::text, 'broken'::text, 'claimed'::text, 'cancelled'::text]))),
    CONSTRAINT promise_type_check CHECK ((type = ANY (ARRAY['payment'::text, 'extension'::text, 'settlement'::text, 'rest'::text])))
);
CREATE TABLE public.quarantine (
    part integer NOT NULL,
    task_id bigint NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    agency_id integer NOT NULL,
    stage smallint NOT NULL,
    step smallint NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    released_by text
);
CREATE TABLE public.recall (
    part integer NOT NULL,
    recall_id bigint NOT NULL,
    placement_id bigint NOT NULL,
    agency_id integer NOT NULL,
    category text NOT NULL,
    reason_code text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    execute_at timestamp with time zone NOT NULL,
    executed_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    requested_by text NOT NULL,
    stopped_at timestamp with time zone,
    open_items integer,
    evidence_count integer,
    evidence_at timestamp with time zone,
    purge_ordered_at timestamp with time zone,
    purge_proof_ref text,
    purge_proof_at timestamp with time zone,
    CONSTRAINT recall_evidence_count_check CHECK ((evidence_count >= 0)),
    CONSTRAINT recall_evidence_dated CHECK (((evidence_count IS NULL) = (evidence_at IS NULL))),
    CONSTRAINT recall_open_items_check CHECK ((open_items >= 0)),
    CONSTRAINT recall_proof_dated CHECK (((purge_proof_ref IS NULL) = (purge_proof_at IS NULL)))
);
CREATE TABLE public.ref (
    part integer NOT NULL,
    kind text NOT NULL,
    ref text NOT NULL,
    body_hash bytea NOT NULL,
    target_part integer,
    target_id bigint,
    CONSTRAINT ref_kind_check CHECK ((kind = ANY (ARRAY['debtor'::text, 'account'::text, 'payment'::text, 'contact'::text, 'adjustment'::text, 'event'::text, 'complaint'::text, 'report'::text, 'invoice'::text])))
);
CREATE TABLE public.retain (
    part integer NOT NULL,
    retain_id bigint NOT NULL,
    placement_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    case_id bigint NOT NULL,
    agency_id integer NOT NULL,
    purpose text NOT NULL,
    state text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    asked_by text NOT NULL,
    old_end timestamp with time zone NOT NULL,
    new_end timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by text,
    reason text,
    CONSTRAINT retain_check CHECK ((new_end > old_end)),
    CONSTRAINT retain_check1 CHECK ((((state = 'open'::text) = (decided_at IS NULL)) AND ((decided_at IS NULL) = (decided_by IS NULL)))),
    CONSTRAINT retain_purpose_check CHECK ((purpose = ANY (ARRAY['promise'::text, 'plan'::text, 'visit'::text]))),
    CONSTRAINT retain_state_check CHECK ((state = ANY (ARRAY['open'::text, 'granted'::text, 'refused'::text])))
);
CREATE TABLE public.run (
    run_id bigint NOT NULL,
    kind text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    total bigint,
    started_at timestamp with time zone NOT NULL,
    business_at timestamp with time zone,
    ended_at timestamp with time zone,
    holder text,
    lease_until timestamp with time zone,
    CONSTRAINT run_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);
CREATE TABLE public.schema_migration (
    number integer NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    statements integer NOT NULL,
    applied_at timestamp with time zone
);
CREATE TABLE public.setting (
    name text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.signing_key (
    kid integer NOT NULL,
    secret bytea NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT signing_key_check CHECK (((state = 'destroyed'::text) = (length(secret) = 0))),
    CONSTRAINT signing_key_state_check CHECK ((state = ANY (ARRAY['active'::text, 'retired'::text, 'destroyed'::text])))
);
ALTER TABLE public.signing_key ALTER COLUMN kid ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.signing_key_kid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stage_route (
    stage smallint NOT NULL,
    product text DEFAULT '*'::text NOT NULL,
    region text DEFAULT '*'::text NOT NULL,
    agency_id integer NOT NULL
);
CREATE TABLE public.task (
    part integer NOT NULL,
    task_id bigint NOT NULL,
    agency_id integer NOT NULL,
    stage smallint NOT NULL,
    step smallint NOT NULL,
    state smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    leased_until timestamp with time zone,
    expiry_slot integer DEFAULT 0 NOT NULL,
    debtor_id bigint NOT NULL,
    case_id bigint NOT NULL,
    attempt smallint NOT NULL,
    expiries smallint DEFAULT 0 NOT NULL,
    lease_seconds integer DEFAULT 0 NOT NULL,
    CONSTRAINT task_check CHECK (((state = 1) = (leased_until IS NOT NULL))),
    CONSTRAINT task_state_check CHECK ((state = ANY (ARRAY[0, 1])))
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.task_end (
    part integer NOT NULL,
    task_id bigint NOT NULL,
    epoch integer NOT NULL,
    agency_id integer NOT NULL,
    debtor_id bigint NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT task_end_reason_check CHECK ((reason = ANY (ARRAY['recall'::text, 'hold'::text, 'closed'::text, 'payment'::text, 'replaced'::text, 'quarantine'::text, 'suspended'::text, 'expired'::text, 'released'::text])))
)
PARTITION BY RANGE (task_id);
CREATE TABLE public.violation (
    part integer NOT NULL,
    violation_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    agency_id integer NOT NULL,
    task_id bigint,
    epoch integer,
    activity_id bigint,
    rule text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    policy_version integer NOT NULL
);
CREATE TABLE public.visit (
    part integer NOT NULL,
    visit_id bigint NOT NULL,
    case_id bigint NOT NULL,
    debtor_id bigint NOT NULL,
    agency_id integer NOT NULL,
    task_id bigint NOT NULL,
    epoch integer NOT NULL,
    contact_point_id bigint NOT NULL,
    collectors smallint NOT NULL,
    permitted_at timestamp with time zone NOT NULL,
    allowed_until timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone,
    result smallint,
    evidence jsonb
);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (part, account_id);
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT activity_pkey PRIMARY KEY (part, activity_id);
ALTER TABLE ONLY public.activity_receipt
    ADD CONSTRAINT activity_receipt_pkey PRIMARY KEY (part, agency_id, activity_ref);
ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (part, adjustment_id);
ALTER TABLE ONLY public.agency_contract
    ADD CONSTRAINT agency_contract_pkey PRIMARY KEY (agency_id, starts_on);
ALTER TABLE ONLY public.agency_credential
    ADD CONSTRAINT agency_credential_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.agency_feed
    ADD CONSTRAINT agency_feed_pkey PRIMARY KEY (agency_id);
ALTER TABLE ONLY public.agency
    ADD CONSTRAINT agency_name_key UNIQUE (name);
ALTER TABLE ONLY public.agency
    ADD CONSTRAINT agency_pkey PRIMARY KEY (agency_id);
ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (approval_id);
ALTER TABLE ONLY public.attestation
    ADD CONSTRAINT attestation_pkey PRIMARY KEY (portfolio_id, fact);
ALTER TABLE ONLY public.audit_checkpoint
    ADD CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (part, writer, seq);
ALTER TABLE ONLY public.bank_request
    ADD CONSTRAINT bank_request_pkey PRIMARY KEY (part, request_id);
ALTER TABLE ONLY public.break
    ADD CONSTRAINT break_pkey PRIMARY KEY (part, break_id);
ALTER TABLE ONLY public.capacity_reservation
    ADD CONSTRAINT capacity_reservation_pkey PRIMARY KEY (run_id, agency_id);
ALTER TABLE ONLY public.card_order
    ADD CONSTRAINT card_order_pkey PRIMARY KEY (part, order_id);
ALTER TABLE ONLY public.case_file
    ADD CONSTRAINT case_file_pkey PRIMARY KEY (part, case_id);
ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (only_one);
ALTER TABLE ONLY public.commission_line
    ADD CONSTRAINT commission_line_pkey PRIMARY KEY (part, commission_line_id);
ALTER TABLE ONLY public.complaint
    ADD CONSTRAINT complaint_pkey PRIMARY KEY (part, complaint_id);
ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (part, consent_id);
ALTER TABLE ONLY public.contact_event
    ADD CONSTRAINT contact_event_pkey PRIMARY KEY (part, event_id);
ALTER TABLE ONLY public.contact_point
    ADD CONSTRAINT contact_point_pkey PRIMARY KEY (part, contact_point_id);
ALTER TABLE ONLY public.debtor_conduct
    ADD CONSTRAINT debtor_conduct_pkey PRIMARY KEY (part, debtor_id);
ALTER TABLE ONLY public.debtor_notice
    ADD CONSTRAINT debtor_notice_pkey PRIMARY KEY (part, notice_id);
ALTER TABLE ONLY public.debtor
    ADD CONSTRAINT debtor_pkey PRIMARY KEY (part, debtor_id);
ALTER TABLE ONLY public.fee_schedule
    ADD CONSTRAINT fee_schedule_agency_id_starts_on_key UNIQUE (agency_id, starts_on);
ALTER TABLE ONLY public.fee_schedule
    ADD CONSTRAINT fee_schedule_pkey PRIMARY KEY (fee_schedule_id);
ALTER TABLE ONLY public.fx_rate
    ADD CONSTRAINT fx_rate_pkey PRIMARY KEY (from_currency, to_currency, rate_on);
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (part, hold_id);
ALTER TABLE ONLY public.id_block
    ADD CONSTRAINT id_block_pkey PRIMARY KEY (kind, month);
ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT idempotency_key_pkey PRIMARY KEY (actor, key);
ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_pkey PRIMARY KEY (import_file_id);
ALTER TABLE ONLY public.import_reject
    ADD CONSTRAINT import_reject_pkey PRIMARY KEY (import_file_id, row_number, field);
ALTER TABLE ONLY public.import_row
    ADD CONSTRAINT import_row_pkey PRIMARY KEY (import_file_id, lane, phase, row_number);
ALTER TABLE ONLY public.instalment_plan
    ADD CONSTRAINT instalment_plan_pkey PRIMARY KEY (part, plan_id);
ALTER TABLE ONLY public.late_outcome
    ADD CONSTRAINT late_outcome_pkey PRIMARY KEY (part, task_id, epoch);
ALTER TABLE ONLY public.lease_request
    ADD CONSTRAINT lease_request_pkey PRIMARY KEY (part, agency_id, request_id);
ALTER TABLE ONLY public.ledger_watermark
    ADD CONSTRAINT ledger_watermark_pkey PRIMARY KEY (source);
ALTER TABLE ONLY public.legal_referral
    ADD CONSTRAINT legal_referral_pkey PRIMARY KEY (part, referral_id);
ALTER TABLE ONLY public.letter
    ADD CONSTRAINT letter_pkey PRIMARY KEY (part, letter_id);
ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (agency_id, seq);
ALTER TABLE ONLY public.operator
    ADD CONSTRAINT operator_name_key UNIQUE (name);
ALTER TABLE ONLY public.operator
    ADD CONSTRAINT operator_pkey PRIMARY KEY (operator_id);
ALTER TABLE ONLY public.operator
    ADD CONSTRAINT operator_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (part, outbox_id);
ALTER TABLE ONLY public.outcome
    ADD CONSTRAINT outcome_pkey PRIMARY KEY (part, task_id, epoch);
ALTER TABLE ONLY public.payment_allocation
    ADD CONSTRAINT payment_allocation_pkey PRIMARY KEY (part, payment_id, component);
ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (part, payment_id);
ALTER TABLE ONLY public.permit
    ADD CONSTRAINT permit_pkey PRIMARY KEY (part, permit_id);
ALTER TABLE ONLY public.placement
    ADD CONSTRAINT placement_pkey PRIMARY KEY (part, placement_id);
ALTER TABLE ONLY public.placement_run
    ADD CONSTRAINT placement_run_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY public.plan_item
    ADD CONSTRAINT plan_item_pkey PRIMARY KEY (part, run_id, account_id);
ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (policy_version);
ALTER TABLE ONLY public.policy_version
    ADD CONSTRAINT policy_version_sha256_key UNIQUE (sha256);
ALTER TABLE ONLY public.portfolio
    ADD CONSTRAINT portfolio_name_key UNIQUE (name);
ALTER TABLE ONLY public.portfolio
    ADD CONSTRAINT portfolio_pkey PRIMARY KEY (portfolio_id);
ALTER TABLE ONLY public.promise
    ADD CONSTRAINT promise_pkey PRIMARY KEY (part, promise_id);
ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (part, task_id);
ALTER TABLE ONLY public.recall
    ADD CONSTRAINT recall_pkey PRIMARY KEY (part, recall_id);
ALTER TABLE ONLY public.ref
    ADD CONSTRAINT ref_pkey PRIMARY KEY (part, kind, ref);
ALTER TABLE ONLY public.retain
    ADD CONSTRAINT retain_pkey PRIMARY KEY (part, retain_id);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (kid);
ALTER TABLE ONLY public.stage_route
    ADD CONSTRAINT stage_route_pkey PRIMARY KEY (stage, product, region);
ALTER TABLE ONLY public.task_end
    ADD CONSTRAINT task_end_pkey PRIMARY KEY (part, task_id);
ALTER TABLE ONLY public.task
    ADD CONSTRAINT task_pkey PRIMARY KEY (part, task_id);
ALTER TABLE ONLY public.violation
    ADD CONSTRAINT violation_pkey PRIMARY KEY (part, violation_id);
ALTER TABLE ONLY public.visit
    ADD CONSTRAINT visit_pkey PRIMARY KEY (part, visit_id);
CREATE UNIQUE INDEX account_by_ref ON public.account USING btree (part, account_ref, currency);
CREATE INDEX account_debtor ON public.account USING btree (part, debtor_id);
CREATE INDEX account_portfolio ON public.account USING btree (portfolio_id, part, debtor_id);
CREATE INDEX adjustment_account ON public.adjustment USING btree (part, account_id);
CREATE INDEX agency_credential_agency ON public.agency_credential USING btree (agency_id);
CREATE UNIQUE INDEX approval_one_open ON public.approval USING btree (kind, subject) WHERE (decision IS NULL);
CREATE INDEX audit_subject ON ONLY public.audit_entry USING btree (subject, kind);
CREATE INDEX bank_request_case ON public.bank_request USING btree (part, case_id);
CREATE INDEX bank_request_open ON public.bank_request USING btree (part, sla_due) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX break_once ON public.break USING btree (part, kind, subject_kind, subject_id) WHERE (state = 'open'::text);
CREATE INDEX card_order_debtor ON public.card_order USING btree (part, debtor_id);
CREATE INDEX card_order_open ON public.card_order USING btree (part, account_id) WHERE (confirmed_at IS NULL);
CREATE INDEX case_agency ON public.case_file USING btree (agency_id, part) WHERE (state <> 'closed'::text);
CREATE INDEX case_debtor ON public.case_file USING btree (part, debtor_id, case_id);
CREATE UNIQUE INDEX case_one_active ON public.case_file USING btree (part, debtor_id) WHERE (state <> 'closed'::text);
CREATE INDEX case_until ON public.case_file USING btree (part, until) WHERE (state = ANY (ARRAY['waiting'::text, 'promised'::text, 'planned'::text, 'requested'::text, 'held'::text]));
CREATE INDEX commission_agency ON public.commission_line USING btree (agency_id, part);
CREATE UNIQUE INDEX commission_once ON public.commission_line USING btree (part, payment_id, type);
CREATE UNIQUE INDEX complaint_by_ref ON public.complaint USING btree (part, complaint_ref);
CREATE INDEX complaint_debtor ON public.complaint USING btree (part, debtor_id);
CREATE UNIQUE INDEX complaint_external ON public.complaint USING btree (part, source, external_no) WHERE (external_no IS NOT NULL);
CREATE INDEX complaint_open ON public.complaint USING btree (part, due_on) WHERE (state = 'open'::text);
CREATE INDEX consent_debtor ON public.consent USING btree (part, debtor_id);
CREATE INDEX contact_event_debtor ON ONLY public.contact_event USING btree (debtor_id, occurred_at);
CREATE UNIQUE INDEX contact_point_by_ref ON public.contact_point USING btree (part, debtor_id, contact_ref);
CREATE INDEX contact_point_debtor ON public.contact_point USING btree (part, debtor_id);
CREATE UNIQUE INDEX debtor_by_ref ON public.debtor USING btree (part, debtor_ref);
CREATE INDEX debtor_notice_account ON public.debtor_notice USING btree (part, account_id);
CREATE UNIQUE INDEX hold_by_ref ON public.hold USING btree (part, hold_ref) WHERE (hold_ref IS NOT NULL);
CREATE INDEX hold_open ON public.hold USING btree (part, debtor_id) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX import_file_once ON public.import_file USING btree (kind, sha256, COALESCE(portfolio, ''::text)) WHERE (state = 'loaded'::text);
CREATE INDEX instalment_plan_active ON public.instalment_plan USING btree (part, debtor_id) WHERE (state = 'active'::text);
CREATE INDEX legal_referral_case ON public.legal_referral USING btree (part, case_id);
CREATE INDEX letter_case ON public.letter USING btree (part, case_id);
CREATE INDEX letter_debtor ON public.letter USING btree (part, debtor_id);
CREATE INDEX outbox_agency ON public.outbox USING btree (agency_id, outbox_id) WHERE (target = 'agency'::text);
CREATE INDEX outbox_port ON public.outbox USING btree (target, outbox_id) WHERE (target <> 'agency'::text);
CREATE INDEX payment_account ON public.payment USING btree (part, account_id, paid_at);
CREATE UNIQUE INDEX payment_by_ref ON public.payment USING btree (part, payment_ref);
CREATE INDEX permit_task ON public.permit USING btree (task_id, epoch);
CREATE INDEX placement_account ON public.placement USING btree (part, account_id);
CREATE INDEX placement_agency ON public.placement USING btree (agency_id, part) WHERE (state = ANY (ARRAY['active'::text, 'recalling'::text]));
CREATE INDEX placement_case ON public.placement USING btree (part, case_id);
CREATE INDEX placement_debtor ON public.placement USING btree (part, debtor_id) WHERE (state = ANY (ARRAY['active'::text, 'recalling'::text]));
CREATE UNIQUE INDEX placement_one_active ON public.placement USING btree (part, account_id) WHERE (state = ANY (ARRAY['active'::text, 'recalling'::text]));
CREATE INDEX placement_term ON public.placement USING btree (part, term_end) WHERE (state = 'active'::text);
CREATE INDEX plan_item_open ON public.plan_item USING btree (part, run_id, debtor_id) WHERE ((NOT done) AND (agency_id IS NOT NULL));
CREATE INDEX promise_debtor ON public.promise USING btree (part, debtor_id);
CREATE UNIQUE INDEX promise_once ON public.promise USING btree (part, task_id, epoch, account_id);
CREATE INDEX promise_open ON public.promise USING btree (part, judge_after) WHERE (state = ANY (ARRAY['open'::text, 'awaiting_ledger'::text]));
CREATE INDEX quarantine_open ON public.quarantine USING btree (part) WHERE (released_at IS NULL);
CREATE INDEX recall_evidence_open ON public.recall USING btree (part, recall_id) WHERE ((executed_at IS NOT NULL) AND (purge_proof_at IS NULL));
CREATE UNIQUE INDEX recall_one_open ON public.recall USING btree (part, placement_id) WHERE (confirmed_at IS NULL);
CREATE UNIQUE INDEX retain_once ON public.retain USING btree (part, placement_id) WHERE (state = ANY (ARRAY['open'::text, 'granted'::text]));
CREATE INDEX retain_open ON public.retain USING btree (part, asked_at) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX run_one_running ON public.run USING btree (kind, subject) WHERE (state = 'running'::text);
CREATE INDEX task_debtor ON public.task USING btree (debtor_id);
CREATE INDEX task_expiry ON public.task USING btree (expiry_slot, part) WHERE (state = 1);
CREATE INDEX task_ready ON public.task USING btree (agency_id, stage, part, due_at, task_id) WHERE (state = 0);
CREATE INDEX violation_agency ON public.violation USING btree (agency_id, part);
CREATE INDEX visit_case ON public.visit USING btree (part, case_id);
CREATE INDEX visit_task ON public.visit USING btree (part, task_id, epoch);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_part_debtor_id_fkey FOREIGN KEY (part, debtor_id) REFERENCES public.debtor(part, debtor_id);
ALTER TABLE ONLY public.agency_contract
    ADD CONSTRAINT agency_contract_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agency(agency_id);
ALTER TABLE ONLY public.agency_credential
    ADD CONSTRAINT agency_credential_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agency(agency_id);
ALTER TABLE ONLY public.agency_feed
    ADD CONSTRAINT agency_feed_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agency(agency_id);
ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_checker_fkey FOREIGN KEY (checker) REFERENCES public.operator(operator_id);
ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_maker_fkey FOREIGN KEY (maker) REFERENCES public.operator(operator_id);
ALTER TABLE ONLY public.attestation
    ADD CONSTRAINT attestation_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES public.operator(operator_id);
ALTER TABLE ONLY public.attestation
    ADD CONSTRAINT attestation_portfolio_id_fkey FOREIGN KEY (portfolio_id) REFERENCES public.portfolio(portfolio_id);
ALTER TABLE ONLY public.bank_request
    ADD CONSTRAINT bank_request_checker_fkey FOREIGN KEY (checker) REFERENCES public.operator(operator_id);
ALTER TABLE ONLY public.bank_request
    ADD CONSTRAINT bank_request_maker_fkey FOREIGN KEY (maker) REFERENCES public.operator(operator_id);
ALTER TABLE ONLY public.capacity_reservation
    ADD CONSTRAINT capacity_reservation_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agency(agency_id);
ALTER TABLE ONLY public.capacity_reservation
    ADD CONSTRAINT capacity_reservation_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.placement_run(run_id);
ALTER TABLE ONLY public.contact_point
    ADD CONSTRAINT contact_point_part_debtor_id_fkey FOREIGN KEY (part, debtor_id) REFERENCES public.debtor(part, debtor_id);
ALTER TABLE ONLY public.fee_schedule
    ADD CONSTRAINT fee_schedule_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agency(agency_id);
ALTER TABLE ONLY public.import_reject
    ADD CONSTRAINT import_reject_import_file_id_fkey FOREIGN KEY (import_file_id) REFERENCES public.import_file(import_file_id);
ALTER TABLE ONLY public.placement_run
    ADD CONSTRAINT placement_run_checker_fkey FOREIGN KEY (checker) REFERENCES public.operator(operator_id);
ALTER TABLE ONLY public.placement_run
    ADD CONSTRAINT placement_run_maker_fkey FOREIGN KEY (maker) REFERENCES public.operator(operator_id);
ALTER TABLE ONLY public.placement_run
    ADD CONSTRAINT placement_run_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES public.policy_version(policy_version);
ALTER TABLE ONLY public.placement_run
    ADD CONSTRAINT placement_run_portfolio_id_fkey FOREIGN KEY (portfolio_id) REFERENCES public.portfolio(portfolio_id);
ALTER TABLE ONLY public.stage_route
    ADD CONSTRAINT stage_route_agency_id_fkey FOREIGN KEY (agency_id) REFERENCES public.agency(agency_id);
ALTER TABLE public.activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.activity_receipt ENABLE ROW LEVEL SECURITY;
CREATE POLICY agency_changes ON public.activity FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.activity_receipt FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.commission_line FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.late_outcome FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.lease_request FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.legal_referral FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.letter FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.notice FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.outcome FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.permit FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.placement FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.promise FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.task FOR UPDATE TO recourse_api USING (((agency_id + 0) = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.task_end FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_changes ON public.visit FOR UPDATE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[]))) WITH CHECK (true);
CREATE POLICY agency_deletes ON public.activity FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.activity_receipt FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.commission_line FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.late_outcome FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.lease_request FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.legal_referral FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.letter FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.notice FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.outcome FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.permit FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.placement FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.promise FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.task FOR DELETE TO recourse_api USING (((agency_id + 0) = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.task_end FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_deletes ON public.visit FOR DELETE TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_inserts ON public.activity FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.activity_receipt FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.commission_line FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.late_outcome FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.lease_request FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.legal_referral FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.letter FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.notice FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.outcome FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.permit FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.placement FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.promise FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.retain FOR INSERT TO recourse_api WITH CHECK ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_inserts ON public.task FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.task_end FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_inserts ON public.visit FOR INSERT TO recourse_api WITH CHECK (true);
CREATE POLICY agency_reads ON public.activity FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.activity_receipt FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.commission_line FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.late_outcome FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.lease_request FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.legal_referral FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.letter FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.notice FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.outcome FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.permit FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.placement FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.promise FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.retain FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.task FOR SELECT TO recourse_api USING (((agency_id + 0) = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.task_end FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
CREATE POLICY agency_reads ON public.visit FOR SELECT TO recourse_api USING ((agency_id = ANY ((NULLIF(current_setting('recourse.agencies'::text, true), ''::text))::integer[])));
ALTER TABLE public.commission_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY core_all ON public.activity TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.activity_receipt TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.commission_line TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.late_outcome TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.lease_request TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.legal_referral TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.letter TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.notice TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.outcome TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.permit TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.placement TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.promise TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.retain TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.task TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.task_end TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
CREATE POLICY core_all ON public.visit TO recourse_owner, recourse_core USING (true) WITH CHECK (true);
ALTER TABLE public.late_outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.lease_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.legal_referral ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.permit ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.placement ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.promise ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.retain ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.task ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.task_end ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.visit ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA public TO recourse_core;
GRANT USAGE ON SCHEMA public TO recourse_api;
GRANT ALL ON FUNCTION public.ensure_partitions(month integer) TO recourse_core;
GRANT ALL ON FUNCTION public.ensure_partitions(month integer) TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.activity TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.activity TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.activity_receipt TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.activity_receipt TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.adjustment TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agency TO recourse_core;
GRANT SELECT ON TABLE public.agency TO recourse_api;
GRANT USAGE ON SEQUENCE public.agency_agency_id_seq TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agency_contract TO recourse_core;
GRANT SELECT ON TABLE public.agency_contract TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agency_credential TO recourse_core;
GRANT SELECT ON TABLE public.agency_credential TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agency_feed TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agency_feed TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.approval TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attestation TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.audit_checkpoint TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.audit_checkpoint TO recourse_api;
GRANT SELECT,INSERT ON TABLE public.audit_entry TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.audit_entry TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bank_request TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bank_request TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.break TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.break TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.capacity_reservation TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.card_order TO recourse_core;
GRANT INSERT ON TABLE public.card_order TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_file TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.case_file TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clock TO recourse_core;
GRANT SELECT ON TABLE public.clock TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.commission_line TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.complaint TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.complaint TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.consent TO recourse_core;
GRANT SELECT ON TABLE public.consent TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_event TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.contact_event TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_point TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contact_point TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.debtor TO recourse_core;
GRANT SELECT ON TABLE public.debtor TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.debtor_conduct TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.debtor_conduct TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.debtor_notice TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.fee_schedule TO recourse_core;
GRANT SELECT ON TABLE public.fee_schedule TO recourse_api;
GRANT USAGE ON SEQUENCE public.fee_schedule_fee_schedule_id_seq TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.fx_rate TO recourse_core;
GRANT SELECT ON TABLE public.fx_rate TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hold TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hold TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.id_block TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.id_block TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_key TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_key TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_file TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_reject TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_row TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.instalment_plan TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.late_outcome TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.late_outcome TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lease_request TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.lease_request TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ledger_watermark TO recourse_core;
GRANT SELECT ON TABLE public.ledger_watermark TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_referral TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.legal_referral TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.letter TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.letter TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.operator TO recourse_core;
GRANT USAGE ON SEQUENCE public.operator_operator_id_seq TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outcome TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.outcome TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_allocation TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.permit TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.permit TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.placement TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.placement TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.placement_run TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.plan_item TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.policy_version TO recourse_core;
GRANT SELECT ON TABLE public.policy_version TO recourse_api;
GRANT USAGE ON SEQUENCE public.policy_version_policy_version_seq TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.portfolio TO recourse_core;
GRANT SELECT ON TABLE public.portfolio TO recourse_api;
GRANT USAGE ON SEQUENCE public.portfolio_portfolio_id_seq TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.promise TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.promise TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.quarantine TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.quarantine TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recall TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recall TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ref TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.retain TO recourse_core;
GRANT SELECT,INSERT ON TABLE public.retain TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.run TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schema_migration TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.setting TO recourse_core;
GRANT SELECT ON TABLE public.setting TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.signing_key TO recourse_core;
GRANT SELECT ON TABLE public.signing_key TO recourse_api;
GRANT USAGE ON SEQUENCE public.signing_key_kid_seq TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stage_route TO recourse_core;
GRANT SELECT ON TABLE public.stage_route TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_end TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_end TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.violation TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.violation TO recourse_api;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit TO recourse_core;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit TO recourse_api;
