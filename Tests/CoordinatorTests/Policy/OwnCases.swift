/// Decision cases of this project, in the format of the published ones: readings that those leave open, one per rule.
enum OwnCases {
    static let yaml = """
        format: recourse-cases/1
        cases:
          # China: counts
          - id: C01
            policy: cn-credit-card
            title: A visit that met the debtor is no call and leaves the talks of the day alone
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: conversation}
              - {type: call, at: "2026-12-01T10:00:00+08:00", outcome: conversation}
              - {type: visit, at: "2026-12-01T11:00:00+08:00", outcome: met}
            act: {type: call, at: "2026-12-01T12:00:00+08:00", to: {party: debtor, role: debtor, point: mobile_1}}
            expect: {decision: allow, rules: []}
          - id: C02
            policy: cn-credit-card
            title: A talk that the debtor began is not one of the three
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: conversation}
              - {type: call, at: "2026-12-01T10:00:00+08:00", outcome: conversation}
              - {type: inbound_call, at: "2026-12-01T11:00:00+08:00", outcome: conversation}
            act: {type: call, at: "2026-12-01T12:00:00+08:00"}
            expect: {decision: allow, rules: []}
          - id: C03
            policy: cn-credit-card
            title: Busy tones are dials nobody answered
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: busy}
              - {type: call, at: "2026-12-01T09:05:00+08:00", outcome: not_in_service}
              - {type: call, at: "2026-12-01T09:10:00+08:00", outcome: voicemail}
              - {type: call, at: "2026-12-01T09:15:00+08:00", outcome: busy}
              - {type: notice_call, at: "2026-12-01T09:20:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T09:25:00+08:00", outcome: busy, by: bank}
            act: {type: notice_call, at: "2026-12-01T12:00:00+08:00", by: agency-b}
            expect: {decision: block, rules: [frequency_limits.unanswered_dials_daily]}
          - id: C04
            policy: cn-credit-card
            title: Six unanswered dials to one number leave the other number open
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T09:05:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T09:10:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T09:15:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T09:20:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T09:25:00+08:00", outcome: no_answer}
            act: {type: call, at: "2026-12-01T12:00:00+08:00", to: {point: mobile_2}}
            expect: {decision: allow, rules: []}
          - id: C05
            policy: cn-credit-card
            title: The guarantor has talks of his own
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: conversation}
              - {type: call, at: "2026-12-01T10:00:00+08:00", outcome: conversation}
              - {type: call, at: "2026-12-01T11:00:00+08:00", outcome: conversation}
            act: {type: call, at: "2026-12-01T12:00:00+08:00", to: {party: guarantor-1, role: guarantor, point: mobile_1}}
            expect: {decision: allow, rules: []}
          - id: C06
            policy: cn-credit-card
            title: A second letter six days after the first one
            basis: bank
            history:
              - {type: letter, at: "2026-12-01T10:00:00+08:00", outcome: returned}
            act: {type: letter, at: "2026-12-07T10:00:00+08:00"}
            expect: {decision: block, rules: [frequency_limits.letters_weekly]}
          - id: C07
            policy: cn-credit-card
            title: A second letter seven days after the first one
            basis: bank
            history:
              - {type: letter, at: "2026-12-01T10:00:00+08:00", outcome: returned}
            act: {type: letter, at: "2026-12-08T08:00:00+08:00"}
            expect: {decision: allow, rules: []}
          - id: C08
            policy: cn-credit-card
            title: A letter for the other account in the same week
            basis: bank
            history:
              - {type: letter, at: "2026-12-01T10:00:00+08:00", outcome: sent}
            act: {type: letter, at: "2026-12-02T10:00:00+08:00", account: B}
            expect: {decision: allow, rules: []}
          # China: several reasons at once
          - id: C09
            policy: cn-credit-card
            title: Everything wrong at once is said in order
            basis: law
            facts: {party: {zones: [Asia/Shanghai]}}
            history:
              - {type: dispute_received, at: "2026-11-30T10:00:00+08:00", form: oral}
              - {type: promise_taken, at: "2026-11-30T11:00:00+08:00", due: "2026-12-04"}
              - {type: visit, at: "2026-11-30T12:00:00+08:00", outcome: met}
            act:
              type: visit
              at: "2026-12-01T22:30:00+08:00"
              to: {party: boss, role: employer, point: work_address}
              recorder: false
              visit: {collectors: 1, id_shown: false, entry: without_consent, posted_notice: true}
              content: {fields: [overdue], marks: [state_organ_styling], missing: [institution]}
            expect:
              decision: block
              rules:
                - holds.dispute
                - promise_to_pay.contact_in_window
                - collectable_roles
                - third_party.forbidden_fields
                - third_party.preconditions
                - workplace_mode
                - contact_windows
                - frequency_limits.visits_weekly
                - disclosures
                - letter_forbidden
                - visit.entry_consent
                - visit.id_required
                - visit.min_collectors
                - visit.public_posting
                - visit.recording
          # China: third parties
          - id: C10
            policy: cn-credit-card
            title: One failed dial on each of three days opens the contact person
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-02T09:00:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-03T09:00:00+08:00", outcome: no_answer}
            act: {type: call, at: "2026-12-04T10:00:00+08:00", to: {party: contact-1, role: emergency_contact, point: other_phone}, purpose: ask_contact}
            expect: {decision: allow, rules: []}
          - id: C11
            policy: cn-credit-card
            title: A hang-up between the failed dials means the debtor is not lost
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T10:00:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T11:00:00+08:00", outcome: connected}
              - {type: call, at: "2026-12-01T12:00:00+08:00", outcome: no_answer}
            act: {type: call, at: "2026-12-02T10:00:00+08:00", to: {party: contact-1, role: emergency_contact, point: other_phone}, purpose: relay}
            expect: {decision: block, rules: [third_party.preconditions]}
          - id: C12
            policy: cn-credit-card
            title: The debtor rang back in the evening
            basis: standard
            history:
              - {type: call, at: "2026-12-01T09:00:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T10:00:00+08:00", outcome: no_answer}
              - {type: call, at: "2026-12-01T11:00:00+08:00", outcome: no_answer}
              - {type: inbound_message, at: "2026-12-01T20:00:00+08:00"}
            act: {type: call, at: "2026-12-02T10:00:00+08:00", to: {party: contact-1, role: emergency_contact, point: other_phone}, purpose: relay}
            expect: {decision: block, rules: [third_party.preconditions]}
          - id: C13
            policy: cn-credit-card
            title: All numbers invalid, the spouse asked to relay
            basis: standard
            facts: {party: {number_invalid: true}}
            act: {type: sms, at: "2026-12-02T10:00:00+08:00", to: {party: wife, role: spouse, point: mobile_1}, purpose: relay}
            expect: {decision: allow, rules: []}
          - id: C14
            policy: cn-credit-card
            title: Nobody knows whether the numbers work
            basis: standard
            facts: {party: {number_invalid: unknown}}
            act: {type: call, at: "2026-12-02T10:00:00+08:00", to: {party: wife, role: spouse, point: mobile_1}, purpose: relay}
            expect: {decision: block, rules: [missing_fact.number_invalid]}
          - id: C15
            policy: cn-credit-card
            title: The brother has offered to pay and is told the account to pay to
            basis: standard
            facts: {party: {number_invalid: true}}
            history:
              - {type: third_party_offered_to_pay, at: "2026-12-02T09:00:00+08:00", party: brother}
            act:
              type: call
              at: "2026-12-02T10:00:00+08:00"
              to: {party: brother, role: family, point: other_phone}
              purpose: repayment_info
              content: {fields: [amount, repay_account]}
            expect: {decision: allow, rules: []}
          # China: promises, plans, holds
          - id: C16
            policy: cn-credit-card
            title: One reminder on the due day
            basis: bank
            history:
              - {type: promise_taken, at: "2026-12-01T10:00:00+08:00", due: "2026-12-05"}
            act: {type: sms, at: "2026-12-05T09:00:00+08:00", purpose: reminder}
            expect: {decision: allow, rules: []}
          - id: C17
            policy: cn-credit-card
            title: A second reminder on the due day
            basis: bank
            history:
              - {type: promise_taken, at: "2026-12-01T10:00:00+08:00", due: "2026-12-05"}
              - {type: sms, at: "2026-12-05T09:00:00+08:00", outcome: sent, purpose: reminder}
            act: {type: call, at: "2026-12-05T15:00:00+08:00", purpose: reminder}
            expect: {decision: block, rules: [promise_to_pay.contact_in_window]}
          - id: C18
            policy: cn-credit-card
            title: The grace day still belongs to the promise
            basis: bank
            history:
              - {type: promise_taken, at: "2026-12-01T10:00:00+08:00", due: "2026-12-05"}
            act: {type: call, at: "2026-12-06T21:00:00+08:00"}
            expect: {decision: block, rules: [promise_to_pay.contact_in_window]}
          - id: C19
            policy: cn-credit-card
            title: A promise further off than the bank takes
            basis: bank
            act: {type: take_promise, at: "2026-12-01T10:00:00+08:00", promise: {due: "2026-12-09"}}
            expect: {decision: block, rules: [promise_to_pay.max_days]}
          - id: C20
            policy: cn-credit-card
            title: A plan leaves out the fees and runs too long
            basis: law
            act: {type: propose_plan, at: "2026-12-01T10:00:00+08:00", by: bank, plan: {term_months: 61}, content: {missing: [plan_fees]}}
            expect: {decision: block, rules: [instalment_plan.max_term_months, instalment_plan.required_fields]}
          - id: C21
            policy: cn-credit-card
            title: A verified dispute lets work go on, a second one stops it
            basis: bank
            history:
              - {type: dispute_received, at: "2026-12-01T10:00:00+08:00", form: oral}
              - {type: dispute_verified, at: "2026-12-03T10:00:00+08:00", by: bank}
              - {type: dispute_received, at: "2026-12-04T10:00:00+08:00", form: written}
            act: {type: refer_civil, at: "2026-12-05T10:00:00+08:00", by: bank}
            expect: {decision: block, rules: [holds.dispute]}
          - id: C22
            policy: cn-credit-card
            title: The answer to a dispute goes out while it is open
            basis: bank
            history:
              - {type: dispute_received, at: "2026-12-01T10:00:00+08:00", form: oral}
            act: {type: letter, at: "2026-12-02T10:00:00+08:00", by: bank, purpose: dispute_reply}
            expect: {decision: allow, rules: []}
          # China: referral, placement, records
          - id: C23
            policy: cn-credit-card
            title: Three months to the day after the second collection
            basis: law
            facts: {account: {default_date: "2026-01-20", principal: "50000.00", currency: CNY}}
            history:
              - {type: visit, at: "2026-03-01T10:00:00+08:00", outcome: met}
              - {type: letter, at: "2026-03-31T10:00:00+08:00", outcome: receipt_signed}
            act: {type: refer_criminal, at: "2026-06-30T10:00:00+08:00", by: bank}
            expect: {decision: block, rules: [criminal_referral.more_than_months_after_last]}
          - id: C24
            policy: cn-credit-card
            title: One collection before default does not count
            basis: law
            facts: {account: {default_date: "2026-03-10", principal: "50000.00", currency: CNY}}
            history:
              - {type: call, at: "2026-03-01T10:00:00+08:00", outcome: conversation}
              - {type: call, at: "2026-04-20T10:00:00+08:00", outcome: conversation}
            act: {type: refer_criminal, at: "2026-09-01T10:00:00+08:00", by: bank}
            expect: {decision: block, rules: [criminal_referral.effective_collections]}
          - id: C25
            policy: cn-credit-card
            title: A demand that was only sent does not restart limitation
            basis: bank
            facts: {account: {default_date: "2023-08-20"}}
            history:
              - {type: sms, at: "2024-05-06T10:00:00+08:00", by: bank, outcome: sent}
              - {type: sms, at: "2024-05-07T10:00:00+08:00", by: bank, to: {point: other_phone}, outcome: delivered}
            act: {type: refer_civil, at: "2026-12-01T10:00:00+08:00", by: bank}
            expect: {decision: block, rules: [civil_referral.needs_legal_review_if_expired]}
          - id: C26
            policy: cn-credit-card
            title: After a legal review the suit may be brought
            basis: bank
            facts: {account: {default_date: "2023-08-20", legal_review_done: true}}
            act: {type: refer_civil, at: "2026-12-01T10:00:00+08:00", by: bank}
            expect: {decision: allow, rules: []}
          - id: C27
            policy: cn-credit-card
            title: Whether the agency works for commission alone is not known, and it has subcontractors
            basis: law
            facts: {agency: {commission_only: unknown, subcontracts: true, last_trained_on: null}}
            act: {type: place_account, at: "2026-12-01T10:00:00+08:00", by: bank, agency: agency-a}
            expect: {decision: block, rules: [missing_fact.commission_only, agency_controls.subcontract, agency_controls.training_months]}
          - id: C28
            policy: cn-credit-card
            title: Evaluated twelve months ago to the day
            basis: standard
            facts: {agency: {last_evaluated_on: "2025-12-01"}}
            act: {type: place_account, at: "2026-12-01T23:00:00+08:00", by: bank, agency: agency-a}
            expect: {decision: allow, rules: []}
          - id: C29
            policy: cn-credit-card
            title: The recording of an oral plan while the account is not settled
            basis: law
            act: {type: purge_record, at: "2029-06-01T10:00:00+08:00", by: bank, record: {kind: plan_recording, made_on: "2026-06-01"}}
            expect: {decision: block, rules: [instalment_plan.oral_recording_until]}
          - id: C30
            policy: cn-credit-card
            title: A call without a recorder
            basis: bank
            act: {type: call, at: "2026-12-01T10:00:00+08:00", recorder: false}
            expect: {decision: block, rules: [recording.no_recorder_then]}
          # United States
          - id: U01
            policy: us-reg-f
            title: A creditor acting for itself is not judged
            basis: law
            act: {type: call, at: "2026-12-08T03:00:00-05:00", by: bank}
            expect: {decision: allow, rules: []}
          - id: U02
            policy: us-reg-f
            title: Nobody knows where the consumer is
            basis: law
            facts: {party: {zones: unknown}}
            act: {type: call, at: "2026-12-08T12:00:00-05:00"}
            expect: {decision: block, rules: [missing_fact.zones]}
          - id: U03
            policy: us-reg-f
            title: Work number, the employer's wish unknown
            basis: law
            act: {type: call, at: "2026-12-08T12:00:00-05:00", to: {point: work_phone}}
            expect: {decision: block, rules: [missing_fact.employer_prohibits]}
          - id: U04
            policy: us-reg-f
            title: A voicemail is one of the seven, a talk about another debt starts no wait
            basis: presumption
            history:
              - {type: call, at: "2027-01-04T10:00:00-05:00", outcome: conversation, accounts: [B]}
              - {type: call, at: "2027-01-05T10:00:00-05:00", outcome: voicemail}
            act: {type: call, at: "2027-01-06T10:00:00-05:00"}
            expect: {decision: allow, rules: []}
          - id: U05
            policy: us-reg-f
            title: A talk about two debts starts the wait for both
            basis: presumption
            history:
              - {type: call, at: "2027-01-04T10:00:00-05:00", outcome: conversation, accounts: [A, B]}
            act: {type: call, at: "2027-01-06T10:00:00-05:00", account: B}
            expect: {decision: block, rules: [cooldowns.after_conversation]}
          - id: U06
            policy: us-reg-f
            title: Another agency's talk does not bind this one
            basis: presumption
            history:
              - {type: call, at: "2027-01-04T10:00:00-05:00", by: agency-b, outcome: conversation}
            act: {type: call, at: "2027-01-06T10:00:00-05:00", by: agency-a}
            expect: {decision: allow, rules: []}
          - id: U07
            policy: us-reg-f
            title: The consent to be called ran out yesterday
            basis: presumption
            facts: {consents: [{type: call_consent, given_on: "2027-01-04"}]}
            history:
              - {type: inbound_call, at: "2027-01-05T11:00:00-05:00", outcome: conversation}
            act: {type: call, at: "2027-01-11T10:00:00-05:00"}
            expect: {decision: block, rules: [cooldowns.after_conversation]}
          - id: U08
            policy: us-reg-f
            title: The attorney is known and has not been asked
            basis: law
            history:
              - {type: representative_known, at: "2027-01-04T10:00:00-05:00", kind: attorney}
            act: {type: letter, at: "2027-03-04T10:00:00-05:00"}
            expect: {decision: block, rules: [representative]}
          - id: U09
            policy: us-reg-f
            title: The attorney was written to fifteen days ago and is silent
            basis: bank
            history:
              - {type: representative_known, at: "2027-01-04T10:00:00-05:00", kind: attorney}
              - {type: letter, at: "2027-01-05T10:00:00-05:00", to: {party: counsel, role: attorney, point: other_address}, outcome: sent}
            act: {type: letter, at: "2027-01-20T10:00:00-05:00"}
            expect: {decision: allow, rules: []}
          - id: U10
            policy: us-reg-f
            title: Two confirmations of one opt-out
            basis: law
            history:
              - {type: opt_out, at: "2027-01-04T15:00:00-05:00", channel: message}
              - {type: sms, at: "2027-01-04T15:01:00-05:00", outcome: sent, purpose: opt_out_confirmation}
            act: {type: sms, at: "2027-01-04T15:05:00-05:00", purpose: opt_out_confirmation}
            expect: {decision: block, rules: [channel_opt_out]}
          - id: U11
            policy: us-reg-f
            title: A number last heard of sixty-one days ago
            basis: law
            facts: {sms: {last_inbound_on: "2026-11-04"}}
            act: {type: sms, at: "2027-01-04T15:05:00-05:00"}
            expect: {decision: block, rules: [sms_verify_max_age_days]}
          - id: U12
            policy: us-reg-f
            title: A neighbour whose answer was incomplete is asked again, without a word about the debt
            basis: law
            history:
              - {type: call, at: "2027-01-05T10:00:00-05:00", to: {party: neighbour-1, role: neighbour, point: other_phone}, outcome: conversation, purpose: location}
              - {type: third_party_answer_doubted, at: "2027-01-06T10:00:00-05:00", party: neighbour-1, reason: incomplete}
            act:
              type: call
              at: "2027-01-12T10:00:00-05:00"
              to: {party: neighbour-1, role: neighbour, point: other_phone}
              purpose: location
              content: {missing: [debt_collector]}
            expect: {decision: allow, rules: []}
          - id: U13
            policy: us-reg-f
            title: A suit threatened on a time-barred debt, on a postcard
            basis: law
            facts: {account: {limitation_end: "2026-06-30"}}
            act: {type: letter, at: "2026-07-15T10:00:00-04:00", content: {threats: [suit], marks: [postcard]}}
            expect: {decision: block, rules: [limitation.expired_blocks, letter_forbidden]}
          - id: U14
            policy: us-reg-f
            title: An account record within three years of the last activity
            basis: law
            facts: {account: {last_activity_on: "2024-03-01"}}
            act: {type: purge_record, at: "2027-03-01T10:00:00-05:00", record: {kind: account_record, made_on: "2022-01-01"}}
            expect: {decision: block, rules: [recording.retention_months]}
          # United Kingdom
          - id: K01
            policy: uk-conc
            title: The fourth contact within seven days, the others by three channels
            basis: bank
            history:
              - {type: sms, at: "2026-12-01T10:00:00Z", outcome: delivered}
              - {type: letter, at: "2026-12-02T10:00:00Z", outcome: sent}
              - {type: call, at: "2026-12-03T10:00:00Z", outcome: conversation, by: bank}
              - {type: email, at: "2026-12-03T11:00:00Z", outcome: failed}
            act: {type: call, at: "2026-12-07T10:00:00Z", by: agency-b}
            expect: {decision: block, rules: [frequency_limits.contacts_weekly]}
          - id: K02
            policy: uk-conc
            title: The day after the first of them has left the seven days
            basis: bank
            history:
              - {type: sms, at: "2026-12-01T10:00:00Z", outcome: delivered}
              - {type: letter, at: "2026-12-02T10:00:00Z", outcome: sent}
              - {type: call, at: "2026-12-03T10:00:00Z", outcome: conversation, by: bank}
            act: {type: call, at: "2026-12-08T10:00:00Z", by: agency-b}
            expect: {decision: allow, rules: []}
          - id: K03
            policy: uk-conc
            title: Capacity in doubt
            basis: law
            facts: {party: {capacity_in_doubt: true}}
            act: {type: email, at: "2026-12-01T10:00:00Z"}
            expect: {decision: block, rules: [holds.incapacity]}
          - id: K04
            policy: uk-conc
            title: Vulnerable, a visit announced six days before
            basis: law
            facts: {party: {vulnerable: true}}
            act: {type: visit, at: "2026-12-07T10:00:00Z", visit: {notice_on: "2026-12-01"}}
            expect: {decision: block, rules: [holds.vulnerable_visit, visit.prior_notice_days]}
          - id: K05
            policy: uk-conc
            title: Breathing space stops a suit, by its own name only
            basis: law
            history:
              - {type: moratorium_entered, at: "2026-12-01T09:00:00Z"}
            act: {type: refer_civil, at: "2026-12-20T10:00:00Z", by: bank}
            expect: {decision: block, rules: [holds.moratorium]}
          - id: K06
            policy: uk-conc
            title: The letter of claim was sent thirty days ago
            basis: law
            history:
              - {type: default_notice_sent, at: "2026-10-01T09:00:00Z"}
              - {type: letter_of_claim_sent, at: "2026-11-01T09:00:00Z"}
            act: {type: refer_civil, at: "2026-12-01T10:00:00Z", by: bank}
            expect: {decision: block, rules: [civil_referral.notice_days]}
          - id: K07
            policy: uk-conc
            title: England, nobody asked in six years
            basis: law
            facts: {party: {sub_area: england}, account: {default_date: "2020-01-15"}}
            act: {type: letter, at: "2026-06-01T10:00:00Z"}
            expect: {decision: block, rules: [limitation.block_all_if]}
          - id: K08
            policy: uk-conc
            title: England, asked within the six years, no suit and no threat
            basis: law
            facts: {party: {sub_area: england}, account: {default_date: "2020-01-15"}}
            history:
              - {type: call, at: "2024-01-15T10:00:00Z", outcome: conversation}
            act: {type: letter, at: "2026-06-01T10:00:00Z"}
            expect: {decision: allow, rules: []}
          - id: K09
            policy: uk-conc
            title: An adviser shows progress and the time is extended
            basis: standard
            history:
              - {type: adviser_notice, at: "2026-12-01T10:00:00Z"}
              - {type: adviser_progress, at: "2026-12-28T10:00:00Z"}
            act: {type: call, at: "2027-01-30T11:00:00Z"}
            expect: {decision: block, rules: [holds.adviser_plan]}
          # Windows only
          - id: W01
            policy: au-rg96
            title: A public holiday in Melbourne
            basis: standard
            facts: {holidays: ["2026-12-25"]}
            act: {type: call, at: "2026-12-25T12:00:00+11:00"}
            expect: {decision: block, rules: [contact_windows]}
          - id: W02
            policy: au-rg96
            title: The workplace on a weekday afternoon, and no text message knows an hour
            basis: standard
            act: {type: call, at: "2026-12-04T16:59:00+11:00", to: {point: work_phone}}
            expect: {decision: allow, rules: []}
          - id: W03
            policy: ie-cca46
            title: The employer is told without the debtor's separate consent
            basis: law
            act: {type: call, at: "2026-12-01T10:00:00Z", to: {party: boss, role: employer, point: work_phone}, purpose: relay}
            expect: {decision: block, rules: [third_party.written_consent_roles, workplace_mode]}
          - id: W04
            policy: in-rbi
            title: A text message after seven in the evening
            basis: law
            act: {type: sms, at: "2026-12-01T19:05:00+05:30"}
            expect: {decision: allow, rules: []}
        """
}
