/// The schemas of ``OpenAPIDocument``, in the order of the calls.
enum OpenAPISchemas {
    static let text = leases + OpenAPISchemas.outcomes

    private static let leases = #"""
          schemas:
            LeaseRequest:
              description: '`POST /v1/leases`: asks for work. The same `request_id` with the same body gives the same leases again, as far as they are still held; with another body it is refused.'
              type: object
              required: [request_id, stages]
              properties:
                request_id:
                  description: 'Chosen by the caller, unique per agency; at most 100 characters.'
                  type: string
                  minLength: 1
                  maxLength: 100
                  pattern: '^[!-~]+$'
                stages:
                  description: 'Full names of the stages wanted, see `StageName`.'
                  type: array
                  items:
                    type: string
                  minItems: 1
                  maxItems: 5
                max:
                  description: 'How many leases at most, 1 to 500.'
                  type: integer
                  format: int32
                  minimum: 1
                  maximum: 500
                  default: 1
                ttl_seconds:
                  description: 'A shorter lease time than the policy gives the stage; never a longer one.'
                  type: integer
                  format: int32
                  minimum: 1
                wait_seconds:
                  description: 'How long the coordinator may hold the request open while there is no work, 0 to 60 seconds of lease time.'
                  type: integer
                  format: int32
                  minimum: 0
                  maximum: 60
            Lease:
              description: 'The right to work one task until it is reported, released or ends. It has two ends: the act must start before `act_before` (business time), and the result must be in before `report_by`, which heartbeats move on. A worker counts down `expires_in_ms` on its own clock instead of comparing `report_by`.'
              type: object
              required: [task_id, lease_token, epoch, report_by, expires_in_ms, stage, step, goal, priority, attempt, work_card]
              properties:
                task_id:
                  description: 'The task; a decimal number, as text because it may exceed 2^53.'
                  type: string
                lease_token:
                  description: 'What every later call about this lease carries. It names the grant; it is not a credential.'
                  type: string
                epoch:
                  description: 'Number of the grant; fences late results.'
                  type: integer
                  format: int32
                act_before:
                  description: 'Business time before which the act must start; absent where the act has no window or needs a permit of its own.'
                  type: string
                  format: date-time
                report_by:
                  description: 'Lease time by which the outcome must be in, for the log.'
                  type: string
                  format: date-time
                expires_in_ms:
                  description: 'Milliseconds of lease time until `report_by`, counted from the reply.'
                  type: integer
                  format: int64
                stage:
                  description: 'Full name of the task''s stage, see `StageName`.'
                  type: string
                step:
                  description: 'What the task asks for: `gather`, `call`, `sms_reminder`, `email_reminder`, `registered_letter`, `visit`, `legal_dossier` or `law_firm`.'
                  type: string
                goal:
                  description: 'What the act is for, such as `get_date`.'
                  type: string
                priority:
                  description: 'Higher goes first at the same instant.'
                  type: integer
                  format: int32
                attempt:
                  description: 'Which attempt of this step it is, from 1; not the fence.'
                  type: integer
                  format: int32
                work_card:
                  description: 'All that the act needs, and nothing else.'
                  $ref: '#/components/schemas/WorkCard'
            LeaseReply:
              description: 'The answer to `LeaseRequest`.'
              type: object
              required: [leases, server_time, clock_rate, next_poll_after_ms]
              properties:
                leases:
                  description: 'What was granted; empty when there is no work the rules allow now.'
                  type: array
                  items:
                    $ref: '#/components/schemas/Lease'
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number
                next_poll_after_ms:
                  description: 'Milliseconds of lease time after which asking again is useful.'
                  type: integer
                  format: int64
            WorkCard:
              description: 'What a worker needs for one task, and nothing else. Which parts are there depends on the step: a third-party card names the person sought and the purpose and carries no debt data; the identity number appears in the legal stage only; an address appears where a visit or a letter needs one.'
              type: object
              required: [case_ref, stage, step, goal]
              properties:
                case_ref:
                  description: 'The case.'
                  type: string
                placement_refs:
                  description: 'Its placements; absent on a third-party card.'
                  type: array
                  items:
                    type: string
                stage:
                  description: 'Full name of the task''s stage.'
                  type: string
                step:
                  description: 'What the task asks for.'
                  type: string
                goal:
                  description: 'What the act is for.'
                  type: string
                next_goals:
                  description: 'Goals the outcome may set for the next contact.'
                  type: array
                  items:
                    type: string
                act_before:
                  description: 'As in the lease.'
                  type: string
                  format: date-time
                report_by:
                  description: 'As in the lease.'
                  type: string
                  format: date-time
                permit:
                  description: 'The one act this lease permits; absent where a permit is asked for at the act, or no person is contacted.'
                  $ref: '#/components/schemas/CardPermit'
                debtor:
                  description: 'The debtor; absent on a third-party card.'
                  $ref: '#/components/schemas/CardDebtor'
                balance_as_of:
                  description: 'Up to when payments are known in the amounts below.'
                  type: string
                  format: date-time
                accounts:
                  description: 'The placed accounts that may be worked now; absent on a third-party card.'
                  type: array
                  items:
                    $ref: '#/components/schemas/CardAccount'
                last_contacts:
                  description: 'The last contacts, newest first, at most 5.'
                  type: array
                  items:
                    $ref: '#/components/schemas/CardContact'
                open_promise:
                  description: 'The promise that is running.'
                  $ref: '#/components/schemas/CardPromise'
                open_request:
                  description: 'The request the bank has not answered yet.'
                  $ref: '#/components/schemas/CardRequest'
                script_id:
                  description: 'The script to speak or write by.'
                  type: string
                disclosures:
                  description: 'What must be said or written.'
                  type: array
                  items:
                    type: string
                forbidden_fields:
                  description: 'What must not be said or written.'
                  type: array
                  items:
                    type: string
                repayment_channels:
                  description: 'The bank''s own ways to pay; money is never taken by the agency.'
                  type: array
                  items:
                    type: string
                may_request_plan:
                  description: 'Whether the person may be told that an instalment plan can be asked for.'
                  type: boolean
                constraints:
                  description: 'What limits the act, with rule ids.'
                  type: array
                  items:
                    $ref: '#/components/schemas/CardConstraint'
                third_party:
                  description: 'Present on a third-party card, in place of all debt data.'
                  $ref: '#/components/schemas/CardThirdParty'
                visit:
                  description: 'Present for a visit.'
                  $ref: '#/components/schemas/CardVisit'
                letter:
                  description: 'Present for a letter.'
                  $ref: '#/components/schemas/CardLetter'
                legal:
                  description: 'Present in the legal stage.'
                  $ref: '#/components/schemas/CardLegal'
                contact_points:
                  description: 'The lawful contact points, for information gathering: masked.'
                  type: array
                  items:
                    $ref: '#/components/schemas/CardContactPoint'
            CardPermit:
              description: 'The one act of contact a lease permits, its count reserved.'
              type: object
              required: [contact_point_id, channel, party_role, purposes]
              properties:
                contact_point_id:
                  description: 'The one contact point that may be used; once.'
                  type: string
                channel:
                  description: '`call`, `sms` or `email`.'
                  type: string
                dial_token:
                  description: 'What the dialler exchanges for the number, where the bank runs one.'
                  type: string
                value:
                  description: 'The number or address, where no dial token stands for it.'
                  type: string
                masked:
                  description: 'The masked form for the screen.'
                  type: string
                party_role:
                  description: 'Whose it is: `debtor`, `guarantor`, `spouse`, `family`, `emergency_contact`, …'
                  type: string
                purposes:
                  description: 'What may be spoken about.'
                  type: array
                  items:
                    type: string
            CardDebtor:
              description: 'The debtor, as far as the step needs.'
              type: object
              properties:
                name:
                  description: 'Name.'
                  type: string
                language:
                  description: 'BCP 47 tag.'
                  type: string
                time_zone:
                  description: 'IANA name.'
                  type: string
                id_number:
                  description: 'Identity number: legal stage only.'
                  type: string
            CardAccount:
              description: 'One placed account. Amounts are decimals in major units as text.'
              type: object
              required: [account_ref, product, currency, amount_due, balance, days_past_due]
              properties:
                account_ref:
                  description: 'The bank''s reference.'
                  type: string
                placement_ref:
                  description: 'The placement it is worked under.'
                  type: string
                product:
                  description: 'Product.'
                  type: string
                currency:
                  description: 'ISO 4217.'
                  type: string
                amount_due:
                  description: 'What is owed now: what the talk and a promise are about.'
                  type: string
                balance:
                  description: 'The whole debt.'
                  type: string
                min_payment:
                  description: 'The smallest payment that counts as one.'
                  type: string
                days_past_due:
                  description: 'Days past due today.'
                  type: integer
                  format: int32
                bucket:
                  description: 'The bank''s class, such as `M2`.'
                  type: string
            CardContact:
              description: 'One earlier contact, by anyone on the bank''s side.'
              type: object
              required: [occurred_at, channel, direction, outcome, party_role]
              properties:
                occurred_at:
                  description: 'Business time.'
                  type: string
                  format: date-time
                channel:
                  description: 'Channel.'
                  type: string
                direction:
                  description: '`inbound` or `outbound`.'
                  type: string
                outcome:
                  description: 'What came of it.'
                  type: string
                party_role:
                  description: 'With whom.'
                  type: string
            CardPromise:
              description: 'A running promise.'
              type: object
              required: [amount, currency, due_on, state]
              properties:
                amount:
                  description: 'Decimal in major units.'
                  type: string
                currency:
                  description: 'ISO 4217.'
                  type: string
                due_on:
                  description: 'Due day.'
                  type: string
                  format: date
                state:
                  description: '`open` or `awaiting_ledger`.'
                  type: string
            CardRequest:
              description: 'A request the bank is deciding.'
              type: object
              required: [type, due_at]
              properties:
                type:
                  description: 'Type, such as `hardship`.'
                  type: string
                due_at:
                  description: 'Business time by which the bank answers.'
                  type: string
                  format: date-time
            CardConstraint:
              description: 'A limit on the act.'
              type: object
              required: [rule]
              properties:
                rule:
                  description: 'Rule id, such as `contact_windows`.'
                  type: string
                until:
                  description: 'Business time until which it holds, if it ends.'
                  type: string
                  format: date-time
                value:
                  description: 'The value that binds, such as `3 of 3`.'
                  type: string
            CardThirdParty:
              description: 'All that a call to a third party may know.'
              type: object
              required: [person_sought, purpose, script_id]
              properties:
                person_sought:
                  description: 'Name of the person sought.'
                  type: string
                purpose:
                  description: '`relay` or `ask_contact`.'
                  type: string
                script_id:
                  description: 'The neutral script.'
                  type: string
            CardVisit:
              description: 'What a visit needs; the permit is asked for at the door.'
              type: object
              required: [contact_point_id, address, kit, collectors]
              properties:
                contact_point_id:
                  description: 'The address to ask a permit for.'
                  type: string
                address:
                  description: 'The address.'
                  type: string
                kit:
                  description: 'What to carry.'
                  type: array
                  items:
                    type: string
                letter_ref:
                  description: 'The letter that announced it.'
                  type: string
                collectors:
                  description: 'How many collectors must be present.'
                  type: integer
                  format: int32
                notice_days:
                  description: 'Days of notice the visit needs.'
                  type: integer
                  format: int32
            CardLetter:
              description: 'What a letter needs.'
              type: object
              required: [letter_id, contact_point_id, address, template, fields, mail_class]
              properties:
                letter_id:
                  description: 'The letter.'
                  type: string
                contact_point_id:
                  description: 'The address used.'
                  type: string
                address:
                  description: 'The address.'
                  type: string
                template:
                  description: 'Template.'
                  type: string
                template_sha256:
                  description: 'SHA-256 of the template, hexadecimal.'
                  type: string
                fields:
                  description: 'Every field of the template by name.'
                  type: object
                  additionalProperties:
                    type: string
                mail_class:
                  description: '`registered` or `ordinary`.'
                  type: string
                seal_id:
                  description: 'The issuer''s seal.'
                  type: string
            CardLegal:
              description: 'What a legal step needs.'
              type: object
              required: [evidence]
              properties:
                evidence:
                  description: 'The evidence list, with hashes.'
                  type: array
                  items:
                    $ref: '#/components/schemas/Evidence'
                months_unpaid:
                  description: 'Whole months unpaid.'
                  type: integer
                  format: int32
                letters_posted:
                  description: 'Letters posted in this case.'
                  type: integer
                  format: int32
                collections:
                  description: 'Collections that count.'
                  type: integer
                  format: int32
                route:
                  description: 'The route the bank approved; at a law firm.'
                  type: string
                case_no:
                  description: 'The court''s number.'
                  type: string
                last_event:
                  description: 'The last event reported.'
                  type: string
            CardContactPoint:
              description: 'A lawful contact point on an information-gathering card; masked.'
              type: object
              required: [contact_point_id, channel, party_role, state]
              properties:
                contact_point_id:
                  description: 'The contact point.'
                  type: string
                channel:
                  description: 'Channel.'
                  type: string
                party_role:
                  description: 'Whose.'
                  type: string
                state:
                  description: '`valid` or `unverified`.'
                  type: string
                masked:
                  description: 'The masked value.'
                  type: string
            HeartbeatRequest:
              description: '`POST /v1/leases/heartbeat`: still working on these.'
              type: object
              required: [leases]
              properties:
                leases:
                  description: 'Lease tokens, at most 500.'
                  type: array
                  items:
                    type: string
                  maxItems: 500
            HeartbeatItem:
              description: 'What became of one lease, in the order of the request: moved on, cancelled, or not ours.'
              type: object
              properties:
                report_by:
                  description: 'The deadline now, in lease time; present if the lease is in force.'
                  type: string
                  format: date-time
                expires_in_ms:
                  description: 'Milliseconds of lease time until then.'
                  type: integer
                  format: int64
                cancelled:
                  description: 'Why the lease is over, see `CancelReason`: stop the act.'
                  type: string
                problem:
                  description: '`lease-token-invalid` if the token names no lease of this agency.'
                  $ref: '#/components/schemas/Problem'
            HeartbeatReply:
              description: 'The answer to `HeartbeatRequest`.'
              type: object
              required: [leases, server_time, clock_rate]
              properties:
                leases:
                  description: 'One item per token, in order.'
                  type: array
                  items:
                    $ref: '#/components/schemas/HeartbeatItem'
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number
            ReleaseRequest:
              description: '`POST /v1/leases/release`: gives leases back without a result.'
              type: object
              required: [leases, reason]
              properties:
                leases:
                  description: 'Lease tokens, at most 500.'
                  type: array
                  items:
                    type: string
                  maxItems: 500
                reason:
                  description: 'Why, see `ReleaseReason`. `handler_failed` counts as a failure of the task, the others do not.'
                  type: string
                  enum: [shutdown, handler_failed, declined]
            ReleaseItem:
              description: 'What became of one lease, in the order of the request.'
              type: object
              required: [released]
              properties:
                released:
                  description: 'Whether the task is free again by this call or an earlier one.'
                  type: boolean
                cancelled:
                  description: 'Why the lease was over already, see `CancelReason`.'
                  type: string
                problem:
                  description: '`lease-token-invalid` if the token names no lease of this agency.'
                  $ref: '#/components/schemas/Problem'
            ReleaseReply:
              description: 'The answer to `ReleaseRequest`.'
              type: object
              required: [leases, server_time, clock_rate]
              properties:
                leases:
                  description: 'One item per token, in order.'
                  type: array
                  items:
                    $ref: '#/components/schemas/ReleaseItem'
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number
            PermitRequest:
              description: '`POST /v1/permits`: may this act begin now? Asked at the door, or wherever a lease is not a permit itself.'
              type: object
              required: [lease_token, contact_point_id, act]
              properties:
                lease_token:
                  description: 'The lease the act belongs to.'
                  type: string
                contact_point_id:
                  description: 'The contact point, from the work card.'
                  type: string
                  pattern: '^[0-9]{1,18}$'
                act:
                  description: 'The act: `visit`, `call`, `sms`, `email` or `letter`.'
                  type: string
                  enum: [visit, call, sms, email, letter]
                collectors:
                  description: 'How many collectors are present; visits need it.'
                  type: integer
                  format: int32
                  minimum: 1
                  maximum: 20
            PermitBlock:
              description: 'Why an act may not begin now.'
              type: object
              required: [reasons]
              properties:
                reasons:
                  description: 'Rule ids, such as `contact_windows`.'
                  type: array
                  items:
                    type: string
                earliest:
                  description: 'The earliest business time at which the same act may be asked for again; absent if no time helps.'
                  type: string
                  format: date-time
            PermitReply:
              description: 'The answer to `PermitRequest`: either allowed until an instant, with the count reserved, or blocked with reasons.'
              type: object
              required: [server_time, clock_rate]
              properties:
                permit_id:
                  description: 'The permit; present if allowed.'
                  type: string
                allowed_until:
                  description: 'Business time before which the act must start; present if allowed.'
                  type: string
                  format: date-time
                conditions:
                  description: 'What the act must keep to, as rule ids; present if allowed.'
                  type: array
                  items:
                    type: string
                blocked:
                  description: 'Present if the act may not begin now.'
                  $ref: '#/components/schemas/PermitBlock'
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number

        """#
}
