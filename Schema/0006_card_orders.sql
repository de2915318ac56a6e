-- Orders to the bank's card system: blocked when legal steps are proposed, free again when they are rejected or the debt is paid. The message goes out
-- through the outbox; the order waits here for its confirmation, and becomes a break when none has come by confirm_by.
create table card_order (
    part int not null,
    order_id bigint not null,
    debtor_id bigint not null,
    case_id bigint not null,
    account_id bigint not null,
    act text not null check (act in ('block', 'unblock')),
    rule text not null,
    ordered_at timestamptz not null,
    confirm_by timestamptz not null,
    confirmed_at timestamptz,
    confirmed_by text,
    primary key (part, order_id),
    check ((confirmed_at is null) = (confirmed_by is null))
);
create index card_order_open on card_order (part, account_id) where confirmed_at is null;
create index card_order_debtor on card_order (part, debtor_id);

grant select, insert, update, delete on card_order to recourse_core;
-- A proposal comes in through the API: it may order, and neither look nor confirm.
grant insert on card_order to recourse_api;

do $$
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform create_distributed_table('card_order', 'part', colocate_with => 'debtor');
    end if;
end $$;
