-- Three roles: recourse_owner migrates, recourse_core runs operators' commands and scheduled runs, recourse_api serves agencies.
-- The API role sees rows of the agencies named in recourse.agencies (SET LOCAL, a list of integers) and no others; no setting, no row.
-- Each statement of the API compares the item's own agency as well: this is the second wall.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['recourse_owner', 'recourse_core', 'recourse_api'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            begin
                execute format('create role %I login', role_name);
            exception when duplicate_object or unique_violation then null;     -- another database of the cluster made it at the same moment
            end;
        end if;
    end loop;
end $$;

grant usage on schema public to recourse_core, recourse_api;
grant select, insert, update, delete on all tables in schema public to recourse_core;
grant usage on all sequences in schema public to recourse_core;
grant execute on function ensure_partitions(int) to recourse_core, recourse_api;
revoke delete, update on audit_entry, audit_checkpoint from recourse_core;

-- What serving agencies needs, and no more: no operators, no tokens of others to change, no policy to write.
grant select on setting, clock, policy_version, agency, agency_contract, agency_credential, stage_route, signing_key, fee_schedule, fx_rate,
    ledger_watermark, portfolio, debtor, account, contact_point, consent to recourse_api;
grant select, insert, update, delete on id_block, idempotency_key, agency_feed, notice, hold, case_file, placement, recall, promise, bank_request, complaint,
    "break", violation, letter, visit, legal_referral, task, debtor_conduct, lease_request, outcome, late_outcome, task_end, contact_event, activity,
    activity_receipt, permit, quarantine, outbox, account, contact_point to recourse_api;
grant select, insert on audit_entry, audit_checkpoint to recourse_api;
revoke update, delete on outcome, late_outcome, contact_event, activity from recourse_api;

do $$
declare
    owned text;
begin
    foreach owned in array array['task', 'placement', 'outcome', 'late_outcome', 'lease_request', 'notice', 'letter', 'visit', 'legal_referral', 'promise',
            'commission_line', 'activity', 'activity_receipt', 'permit', 'task_end'] loop
        execute format('alter table %I enable row level security', owned);
        execute format('create policy core_all on %I to recourse_core, recourse_owner using (true) with check (true)', owned);
        execute format($p$create policy agency_reads on %I for select to recourse_api
            using (agency_id = any (nullif(current_setting('recourse.agencies', true), '')::int[]))$p$, owned);
        execute format($p$create policy agency_changes on %I for update to recourse_api
            using (agency_id = any (nullif(current_setting('recourse.agencies', true), '')::int[])) with check (true)$p$, owned);
        execute format($p$create policy agency_deletes on %I for delete to recourse_api
            using (agency_id = any (nullif(current_setting('recourse.agencies', true), '')::int[]))$p$, owned);
        -- An outcome of one agency may make the next task of another (a lettershop), so inserts are not bound to the list.
        execute format('create policy agency_inserts on %I for insert to recourse_api with check (true)', owned);
    end loop;
end $$;

-- On Citus: distribute by lane. Does nothing where the extension is absent.
do $$
declare
    name text;
begin
    if not exists (select from pg_extension where extname = 'citus') then
        return;
    end if;
    foreach name in array array['operator', 'agency', 'portfolio', 'policy_version', 'fx_rate', 'ledger_watermark', 'stage_route', 'fee_schedule',
            'agency_contract', 'agency_credential', 'signing_key', 'setting', 'clock'] loop
        perform create_reference_table(name);
    end loop;
    perform create_distributed_table('debtor', 'part', shard_count => 64);
    foreach name in array array['ref', 'account', 'contact_point', 'consent', 'hold', 'case_file', 'placement', 'plan_item', 'debtor_notice', 'recall', 'payment',
            'payment_allocation', 'adjustment', 'promise', 'instalment_plan', 'commission_line', 'complaint', 'bank_request', 'break', 'violation', 'letter',
            'visit', 'legal_referral', 'task', 'debtor_conduct', 'lease_request', 'outcome', 'late_outcome', 'task_end', 'contact_event', 'activity',
            'activity_receipt', 'permit', 'quarantine', 'outbox', 'audit_entry'] loop
        perform create_distributed_table(name, 'part', colocate_with => 'debtor');
    end loop;
end $$;
