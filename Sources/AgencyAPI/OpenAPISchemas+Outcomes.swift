extension OpenAPISchemas {
    /// Outcomes, activities, notices and problems.
    static let outcomes = #"""
            OutcomeItem:
              description: 'The facts of one finished task. The coordinator alone decides what follows from them. One item answers one lease; which fields a result needs is said by the result''s row in the bank''s transition table. Amounts are decimals in major units as text, `"1200.00"`.'
              type: object
              required: [lease_token, result, occurred_at]
              properties:
                lease_token:
                  description: 'The lease the outcome answers.'
                  type: string
                result:
                  description: 'Result code of the task''s step, such as `promise` or `no_answer`.'
                  type: string
                occurred_at:
                  description: 'Business time at which the act started: server time of the last reply plus rate times what has passed since.'
                  type: string
                  format: date-time
                ended_at:
                  description: 'Business time at which it ended; acts of contact need it.'
                  type: string
                  format: date-time
                collector_id:
                  description: 'Who acted, in the agency''s own numbering; acts of contact need it.'
                  type: string
                collector_ids:
                  description: 'All who took part in a visit.'
                  type: array
                  items:
                    type: string
                visit_collectors:
                  description: 'How many took part in a visit.'
                  type: integer
                  format: int32
                contact_point_id:
                  description: 'The contact point used; acts of contact need it.'
                  type: string
                permit_id:
                  description: 'The permit under which a visit began.'
                  type: string
                recording_ref:
                  description: 'Where the agency keeps the recording.'
                  type: string
                recording_sha256:
                  description: 'SHA-256 of the recording, hexadecimal.'
                  type: string
                evidence:
                  description: 'References to what proves the facts.'
                  type: array
                  items:
                    $ref: '#/components/schemas/Evidence'
                account_refs:
                  description: 'The accounts a dispute or request is about; none means all of the case.'
                  type: array
                  items:
                    type: string
                amount:
                  description: 'The amount the result names: offered, claimed as paid, disputed.'
                  type: string
                currency:
                  description: 'ISO 4217 code of `amount`; needed where the card lists several currencies.'
                  type: string
                promise:
                  description: 'The promise to pay, for results that make one.'
                  $ref: '#/components/schemas/PromiseItem'
                instalments:
                  description: 'The instalments agreed or asked for.'
                  type: array
                  items:
                    $ref: '#/components/schemas/Instalment'
                next_goal:
                  description: 'What the next contact should be for: `get_date`, `get_reason`, `verify_payment`, `reach` or `remind`.'
                  type: string
                callback_at:
                  description: 'Business time the person asked to be called at.'
                  type: string
                  format: date-time
                paid_on:
                  description: 'The day on which the person says to have paid.'
                  type: string
                  format: date
                opt_out:
                  description: 'What the person no longer wants.'
                  $ref: '#/components/schemas/OptOut'
                third_party_kind:
                  description: 'Whom the act reached instead of the debtor: `family`, `reference`, `colleague`, `occupant`, `other`.'
                  type: string
                debt_disclosed:
                  description: 'Whether anything about the debt was said to a third party.'
                  type: boolean
                representative:
                  description: 'Who speaks for the debtor now.'
                  $ref: '#/components/schemas/Representative'
                new_contact_points:
                  description: 'Contact data learned.'
                  type: array
                  items:
                    $ref: '#/components/schemas/NewContactPoint'
                request_reason:
                  description: 'The agency''s code for why a request is made, such as `job_loss`.'
                  type: string
                reply:
                  description: 'What a letter''s or message''s answer says.'
                  $ref: '#/components/schemas/ReplyItem'
                letter:
                  description: 'What became of a letter, for results of the letter stage.'
                  $ref: '#/components/schemas/LetterStatus'
                legal:
                  description: 'The proposal or the event, for results of the legal stage.'
                  $ref: '#/components/schemas/LegalStatus'
                request_next_lease:
                  description: 'Whether the reply should carry the next lease of the same stage, so that a dialler keeps its rhythm.'
                  type: boolean
                report_ref:
                  description: 'The agency''s own reference of this report; kept as evidence.'
                  type: string
            OutcomeReport:
              description: '`POST /v1/outcomes`: results of leased tasks, at most 500.'
              type: object
              required: [outcomes]
              properties:
                outcomes:
                  description: 'Judged one by one; the same item again gets the same receipt.'
                  type: array
                  items:
                    $ref: '#/components/schemas/OutcomeItem'
                  maxItems: 500
            PromiseItem:
              description: 'A promise to pay.'
              type: object
              required: [amount, date]
              properties:
                amount:
                  description: 'Decimal in major units, more than 0.'
                  type: string
                currency:
                  description: 'ISO 4217; needed where the card lists several currencies.'
                  type: string
                date:
                  description: 'The day by which the person will have paid.'
                  type: string
                  format: date
                account_ref:
                  description: 'The account it is for; absent: the coordinator allocates it over the case.'
                  type: string
            Instalment:
              description: 'One instalment of a plan.'
              type: object
              required: [amount, date]
              properties:
                amount:
                  description: 'Decimal in major units.'
                  type: string
                date:
                  description: 'The day it is due.'
                  type: string
                  format: date
            OptOut:
              description: 'What a person no longer wants.'
              type: object
              required: [scope]
              properties:
                scope:
                  description: '`point` (this number or address only) or `channel`.'
                  type: string
                channel:
                  description: 'The channel, where `scope` is `channel`: `call`, `sms`, `email`, `letter`, `visit`.'
                  type: string
            Evidence:
              description: 'A reference to a record; recordings and documents themselves go by file.'
              type: object
              required: [kind, ref]
              properties:
                kind:
                  description: '`recording`, `photo`, `form`, `receipt`, `document`, `print_file` or `report`.'
                  type: string
                ref:
                  description: 'Where the agency keeps it.'
                  type: string
                sha256:
                  description: 'SHA-256 of its bytes, hexadecimal.'
                  type: string
                bytes:
                  description: 'Its length.'
                  type: integer
                  format: int64
            Representative:
              description: 'A lawyer or adviser whom the debtor has named.'
              type: object
              required: [kind]
              properties:
                kind:
                  description: '`attorney` or `debt_adviser`.'
                  type: string
                mandate_ref:
                  description: 'Where the mandate is kept; absent: to be checked by the bank.'
                  type: string
                contact:
                  description: 'How to reach them.'
                  $ref: '#/components/schemas/NewContactPoint'
            NewContactPoint:
              description: 'Contact data learned by an agency; stored encrypted and unverified.'
              type: object
              required: [role, channel, value, provenance]
              properties:
                role:
                  description: 'Whose: `debtor`, `guarantor`, `spouse`, `family`, `emergency_contact`, `attorney` or `debt_adviser`.'
                  type: string
                channel:
                  description: '`mobile`, `home_phone`, `other_phone`, `email`, `home_address` or `other_address`.'
                  type: string
                value:
                  description: 'The number or address.'
                  type: string
                provenance:
                  description: 'Where it is from: `debtor`, `third_party`, `inbound_call`, `public_register` or `document`.'
                  type: string
            ReplyItem:
              description: 'What an answer to a letter or message says: a result of the phone stage, with its facts in the outcome''s own fields.'
              type: object
              required: [result]
              properties:
                result:
                  description: 'A result code of the phone stage, such as `promise` or `dispute`.'
                  type: string
                received_at:
                  description: 'Business time at which it was received.'
                  type: string
                  format: date-time
            LetterStatus:
              description: 'What became of a letter.'
              type: object
              properties:
                letter_id:
                  description: 'The letter, from the work card.'
                  type: string
                mail_no:
                  description: 'The post''s number of a registered letter.'
                  type: string
                print_ref:
                  description: 'The print file it was in.'
                  type: string
                posted_at:
                  description: 'Business time of posting.'
                  type: string
                  format: date-time
                delivered_at:
                  description: 'Business time of delivery.'
                  type: string
                  format: date-time
                signed_by_kind:
                  description: 'Who signed: `debtor`, `household`, `mailroom`, `other`.'
                  type: string
                return_reason:
                  description: '`moved`, `unknown` or `insufficient`.'
                  type: string
            LegalStatus:
              description: 'A legal proposal, or an event of a law firm''s case.'
              type: object
              properties:
                route:
                  description: 'The route proposed: `civil`, `lawyer_letter`, `mediation` or `payment_order`.'
                  type: string
                case_no:
                  description: 'The court''s number.'
                  type: string
                court:
                  description: 'The court.'
                  type: string
                event_on:
                  description: 'The day of the event.'
                  type: string
                  format: date
                costs:
                  description: 'Costs that arose, decimal in major units.'
                  type: string
                costs_currency:
                  description: 'ISO 4217 of `costs`.'
                  type: string
            OutcomeStatus:
              description: 'How an outcome was taken. Every status but `rejected` means the facts are stored and need not be sent again.'
              type: string
              enum: [accepted, duplicate, does, late, rejected]
            NextStep:
              description: 'What the case does next, as far as the agency may know.'
              type: object
              properties:
                stage:
                  description: 'Full name of the next task''s stage; absent when none follows at this agency.'
                  type: string
                not_before:
                  description: 'Business time before which it will not be due.'
                  type: string
                  format: date-time
            OutcomeReply:
              description: 'What became of one `OutcomeItem`.'
              type: object
              required: [status]
              properties:
                receipt_id:
                  description: 'The receipt; present unless rejected. The same for every repetition.'
                  type: string
                status:
                  description: 'How it was taken.'
                  $ref: '#/components/schemas/OutcomeStatus'
                problem:
                  description: 'Why it was rejected, or why an outcome came late.'
                  $ref: '#/components/schemas/Problem'
                next:
                  description: 'What follows; present where accepted or duplicate.'
                  $ref: '#/components/schemas/NextStep'
                next_lease:
                  description: 'The next lease, if asked for and there is work.'
                  $ref: '#/components/schemas/Lease'
            OutcomeReportReply:
              description: 'The answer to `OutcomeReport`.'
              type: object
              required: [outcomes, server_time, clock_rate]
              properties:
                outcomes:
                  description: 'One per item, in order.'
                  type: array
                  items:
                    $ref: '#/components/schemas/OutcomeReply'
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number
            ActivityItem:
              description: 'A fact that no lease covers: an inbound call, tracking of a letter, a complaint, new contact data, a court event. Keyed by (agency, `activity_ref`); never refused because it should not have happened.'
              type: object
              required: [activity_ref, type, occurred_at]
              properties:
                activity_ref:
                  description: 'The agency''s own reference, unique per agency; at most 100 characters.'
                  type: string
                  minLength: 1
                  maxLength: 100
                placement_ref:
                  description: 'The placement it is about.'
                  type: string
                case_ref:
                  description: 'The case it is about, where no placement is named.'
                  type: string
                type:
                  description: '`inbound_call`, `inbound_message`, `outbound_call`, `outbound_message`, `letter_status`, `message_status`, `visit`, `complaint`, `dispute`, `new_contact_data`, `payment_proof`, `not_attempted`, `court_event` or `retain_request` (`result` names what for: `promise`, `plan` or `visit`).'
                  type: string
                occurred_at:
                  description: 'Business time of the fact.'
                  type: string
                  format: date-time
                ended_at:
                  description: 'Business time at which it ended.'
                  type: string
                  format: date-time
                collector_id:
                  description: 'Who acted.'
                  type: string
                contact_point_id:
                  description: 'The contact point, if known.'
                  type: string
                channel:
                  description: '`call`, `sms`, `email`, `letter`, `visit` or `notice_call`.'
                  type: string
                direction:
                  description: '`inbound` or `outbound`.'
                  type: string
                result:
                  description: 'A result code, as in an outcome.'
                  type: string
                refers_to:
                  description: 'The task, letter or complaint it belongs to.'
                  type: string
                recording_ref:
                  description: 'Where the agency keeps the recording.'
                  type: string
                evidence:
                  description: 'References to what proves the fact.'
                  type: array
                  items:
                    $ref: '#/components/schemas/Evidence'
                account_refs:
                  description: 'The accounts concerned; none means all of the case.'
                  type: array
                  items:
                    type: string
                amount:
                  description: 'The amount named, decimal in major units.'
                  type: string
                currency:
                  description: 'ISO 4217 of `amount`.'
                  type: string
                promise:
                  description: 'A promise made by the person who called.'
                  $ref: '#/components/schemas/PromiseItem'
                paid_on:
                  description: 'The day on which the person says to have paid.'
                  type: string
                  format: date
                opt_out:
                  description: 'What the person no longer wants.'
                  $ref: '#/components/schemas/OptOut'
                third_party_kind:
                  description: 'Whom the contact reached instead of the debtor.'
                  type: string
                representative:
                  description: 'Who speaks for the debtor now.'
                  $ref: '#/components/schemas/Representative'
                new_contact_points:
                  description: 'Contact data learned.'
                  type: array
                  items:
                    $ref: '#/components/schemas/NewContactPoint'
                complaint:
                  description: 'The complaint, for type `complaint`.'
                  $ref: '#/components/schemas/ComplaintItem'
                letter:
                  description: 'What became of a letter, for type `letter_status`.'
                  $ref: '#/components/schemas/LetterStatus'
                legal:
                  description: 'The event, for type `court_event`.'
                  $ref: '#/components/schemas/LegalStatus'
            ComplaintItem:
              description: 'A complaint received by the agency.'
              type: object
              required: [code]
              properties:
                code:
                  description: 'The bank''s own code of what it is about.'
                  type: string
                external_no:
                  description: 'The number a regulator''s line gave it.'
                  type: string
                source:
                  description: '`hotline`, `regulator`, `letter` or `agency`.'
                  type: string
                text_sha256:
                  description: 'SHA-256 of its text, hexadecimal; the text goes by file.'
                  type: string
            ActivityReport:
              description: '`POST /v1/activities`: facts that no lease covers, at most 500.'
              type: object
              required: [activities]
              properties:
                activities:
                  description: 'Taken one by one.'
                  type: array
                  items:
                    $ref: '#/components/schemas/ActivityItem'
                  maxItems: 500
            ActivityStatus:
              description: 'How an activity was taken.'
              type: string
              enum: [accepted, duplicate, rejected]
            ActivityReply:
              description: 'What became of one `ActivityItem`.'
              type: object
              required: [status]
              properties:
                receipt_id:
                  description: 'The receipt; present unless rejected.'
                  type: string
                status:
                  description: 'How it was taken.'
                  $ref: '#/components/schemas/ActivityStatus'
                problem:
                  description: 'Why it was rejected.'
                  $ref: '#/components/schemas/Problem'
            ActivityReportReply:
              description: 'The answer to `ActivityReport`.'
              type: object
              required: [activities, server_time, clock_rate]
              properties:
                activities:
                  description: 'One per item, in order.'
                  type: array
                  items:
                    $ref: '#/components/schemas/ActivityReply'
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number
            Notice:
              description: 'Something the agency must know: a recall, a hold, a payment, an address change.'
              type: object
              required: [seq, kind, at, needs_ack]
              properties:
                seq:
                  description: 'The agency''s own numbering; the order of commit. The cursor is the last one seen.'
                  type: integer
                  format: int64
                kind:
                  description: 'What it is, see `NoticeKind`.'
                  type: string
                at:
                  description: 'Business time of the event.'
                  type: string
                  format: date-time
                case_ref:
                  description: 'The case concerned.'
                  type: string
                placement_ref:
                  description: 'The placement concerned.'
                  type: string
                task_id:
                  description: 'The task whose lease ended by it.'
                  type: string
                account_ref:
                  description: 'The account concerned.'
                  type: string
                reason:
                  description: 'Reason code, such as the type of a hold or the category of a recall.'
                  type: string
                amount:
                  description: 'Amount of a payment, decimal in major units.'
                  type: string
                currency:
                  description: 'ISO 4217 of `amount`.'
                  type: string
                effective_at:
                  description: 'Business time from which it binds.'
                  type: string
                  format: date-time
                contact_point_id:
                  description: 'The contact point concerned.'
                  type: string
                needs_ack:
                  description: 'Whether a stop-work confirmation is expected.'
                  type: boolean
            NoticesReply:
              description: '`GET /v1/notices?after=&wait=`: what happened after a cursor, oldest first.'
              type: object
              required: [notices, next, server_time, clock_rate]
              properties:
                notices:
                  description: 'At most 500.'
                  type: array
                  items:
                    $ref: '#/components/schemas/Notice'
                next:
                  description: 'The cursor to ask with next.'
                  type: integer
                  format: int64
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number
            NoticeAck:
              description: 'Confirmation of one notice; after a recall it is the stop-work confirmation.'
              type: object
              required: [seq]
              properties:
                seq:
                  description: 'The notice.'
                  type: integer
                  format: int64
                stopped_at:
                  description: 'Business time at which work ended.'
                  type: string
                  format: date-time
                open_items:
                  description: 'Items still open, such as letters in the post.'
                  type: integer
                  format: int32
                evidence_count:
                  description: 'Records that will be handed over.'
                  type: integer
                  format: int32
                purge_proof_ref:
                  description: 'Where the proof of purge is kept.'
                  type: string
            NoticeAckRequest:
              description: '`POST /v1/notices/ack`: confirms notices, at most 500. Idempotent.'
              type: object
              required: [notices]
              properties:
                notices:
                  description: 'What is confirmed.'
                  type: array
                  items:
                    $ref: '#/components/schemas/NoticeAck'
                  maxItems: 500
            NoticeAckItem:
              description: 'What became of one `NoticeAck`.'
              type: object
              required: [seq, acknowledged]
              properties:
                seq:
                  description: 'The notice.'
                  type: integer
                  format: int64
                acknowledged:
                  description: 'Whether it is confirmed, by this call or an earlier one.'
                  type: boolean
                problem:
                  description: '`not-found` if the agency has no such notice.'
                  $ref: '#/components/schemas/Problem'
            NoticeAckReply:
              description: 'The answer to `NoticeAckRequest`.'
              type: object
              required: [notices, server_time, clock_rate]
              properties:
                notices:
                  description: 'One per item, in order.'
                  type: array
                  items:
                    $ref: '#/components/schemas/NoticeAckItem'
                server_time:
                  description: 'Business time when the reply was made.'
                  type: string
                  format: date-time
                clock_rate:
                  description: 'How many seconds of business time pass in one second; 1 in production.'
                  type: number
            Problem:
              description: 'A refusal, as RFC 9457 `application/problem+json`: the body of a failed call, or the `problem` of one item of a batch. It carries codes and positions, never values of the request: it may be logged by either side.'
              type: object
              required: [type, title, status]
              properties:
                type:
                  description: 'URI of the type, see `ProblemType`. After the prefix `urn:recourse:problem:` one of: unauthorized, forbidden, not-found, method-not-allowed, body-too-large, unsupported-media-type, malformed-json, validation, rate-limited, overloaded, database-unavailable, shutting-down, internal-error, request-conflict, idempotency-key-conflict, activity-conflict, outcome-conflict, lease-token-invalid, lease-ended, outcome-invalid, outcome-late, outcome-unknown, activity-invalid.'
                  type: string
                title:
                  description: 'One line for a person, the same for every occurrence of the type.'
                  type: string
                status:
                  description: 'The HTTP status, or the one the item would have had alone.'
                  type: integer
                  format: int32
                detail:
                  description: 'What is special about this occurrence, for a person.'
                  type: string
                reasons:
                  description: 'Reason codes: rule ids, why a lease ended, why a promise is bad.'
                  type: array
                  items:
                    type: string
                pointers:
                  description: 'Which members are at fault, and why.'
                  type: array
                  items:
                    $ref: '#/components/schemas/ProblemPointer'
                retry_after_ms:
                  description: 'Milliseconds of lease time after which the same call may be tried again.'
                  type: integer
                  format: int64
                request_id:
                  description: 'Names this request in the coordinator''s log.'
                  type: string
            ProblemPointer:
              description: 'Where a member is at fault, and why.'
              type: object
              required: [pointer, reason]
              properties:
                pointer:
                  description: 'JSON pointer (RFC 6901) into the request, or into the item where the problem belongs to one.'
                  type: string
                reason:
                  description: 'Reason code, such as `missing`, `not_a_number`, `bad_promise`.'
                  type: string

        """#
}
