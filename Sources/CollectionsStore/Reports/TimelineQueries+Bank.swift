import CollectionsDomain
import PostgresDriver

// What the bank decided and what was put on paper.

extension TimelineQueries {
    /// Holds, requests, complaints, violations, breaks.
    static func bankSources(_ part: Int32, _ debtor: Int64) -> [Source] {
        [
            Source(
                query: """
                    select h.hold_id, h.case_id, h.type, a.account_ref, h.set_at, h.until, h.set_by, h.reason, h.released_at, h.released_by
                    from hold h left join account a on a.part = h.part and a.account_id = h.account_id
                    where h.part = \(part) and h.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, type, account, at, until, by, reason, released, releasedBy) = try row.decode(
                    (Int64, Int64?, HoldType, String?, Instant, Instant?, String, String, Instant?, String?).self)
                let set = TimelineEntry(
                    at: at, .holdSet(type, until: until, account: account), by: TimelineActor(by: by), rules: [reason], caseId: caseId,
                    row: id)
                guard let released else { return [set] }
                return [
                    set,
                    TimelineEntry(
                        at: released, .holdReleased(type, account: account), by: TimelineActor(by: releasedBy ?? "bank"), caseId: caseId,
                        row: id),
                ]
            },
            Source(
                query: """
                    select request_id, case_id, agency_id, type, state, asked_at, sla_due, maker, checker, decided_at from bank_request
                    where part = \(part) and debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, agency, type, state, asked, due, maker, checker, decided) = try row.decode(
                    (Int64, Int64, Int32, RequestType, String, Instant, Instant, Int32?, Int32?, Instant?).self)
                var entries = [
                    TimelineEntry(at: asked, .requestAsked(type, due: due), by: .agency(agency), caseId: caseId, row: id)
                ]
                if let decided {
                    let fact: TimelineFact =
                        state == "withdrawn"
                        ? .requestWithdrawn(type) : .requestDecided(type, granted: state == "granted", persons: checker == nil ? 1 : 2)
                    let person = (checker ?? maker).map(TimelineActor.person) ?? .bank
                    entries.append(
                        TimelineEntry(at: decided, fact, by: person, rules: ["request.\(type.rawValue).\(state)"], caseId: caseId, row: id))
                }
                return entries
            },
            Source(
                query: """
                    select complaint_id, agency_id, source, code, received_at, answered_at from complaint
                    where part = \(part) and debtor_id = \(debtor)
                    """
            ) { row in
                let (id, agency, source, code, received, answered) = try row.decode(
                    (Int64, Int32?, String, String?, Instant, Instant?).self)
                let rules = code.map { ["complaint.\($0)"] } ?? []
                let by = agency.map(TimelineActor.agency) ?? .debtor
                return [TimelineEntry(at: received, .complaint(source, answered: false), by: by, rules: rules, row: id)]
                    + (answered.map { [TimelineEntry(at: $0, .complaint(source, answered: true), by: .bank, rules: rules, row: id)] } ?? [])
            },
            Source(
                query: """
                    select violation_id, agency_id, rule, task_id, epoch, occurred_at from violation
                    where part = \(part) and debtor_id = \(debtor)
                    """
            ) { row in
                let (id, agency, rule, task, epoch, at) = try row.decode((Int64, Int32, String, Int64?, Int32?, Instant).self)
                return [TimelineEntry(at: at, .violation(rule), by: .agency(agency), rules: [rule], task: task, epoch: epoch, row: id)]
            },
            Source(
                query: """
                    select break_id, kind, severity, rule, opened_at, closed_at from break
                    where part = \(part) and debtor_id = \(debtor) and kind <> 'violation'
                    """
            ) { row in
                let (id, kind, severity, rule, opened, closed) = try row.decode(
                    (Int64, String, String, String?, Instant, Instant?).self)
                let rules = rule.map { [$0] } ?? []
                let severityCode = Severity(rawValue: severity) ?? .warning
                return [
                    TimelineEntry(at: opened, .breakOpened(kind: kind, severityCode), by: .run("reconcile"), rules: rules, row: id)
                ] + (closed.map { [TimelineEntry(at: $0, .breakClosed(kind: kind), by: .bank, rules: rules, row: id)] } ?? [])
            },
            Source(
                query: """
                    select n.agency_id, n.seq, n.kind, n.case_id, n.at, n.acknowledged_at
                    from case_file c join notice n on n.part = c.part and n.agency_id = c.agency_id and n.case_id = c.case_id
                    where c.part = \(part) and c.debtor_id = \(debtor)
                    """
            ) { row in
                let (agency, seq, kind, caseId, at, confirmed) = try row.decode((Int32, Int64, String, Int64, Instant, Instant?).self)
                return [TimelineEntry(at: at, .noticed(kind: kind, confirmed: false), by: .bank, caseId: caseId, row: seq)]
                    + (confirmed.map {
                        [TimelineEntry(at: $0, .noticed(kind: kind, confirmed: true), by: .agency(agency), caseId: caseId, row: seq)]
                    } ?? [])
            },
        ]
    }

    /// Letters, legal referrals and orders to the card system. A report to the police is not told of by its route.
    static func documentSources(_ part: Int32, _ debtor: Int64, _ amountCurrency: Currency) -> [Source] {
        [
            Source(
                query: """
                    select letter_id, case_id, agency_id, state, mail_no, ordered_at, posted_at, closed_at, return_reason, answered_at, template from letter
                    where part = \(part) and debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, agency, state, mailNo, ordered, posted, closed, reason, answered, template) = try row.decode(
                    (
                        Int64, Int64, Int32, CaseFacts.Letter.State, String?, Instant, Instant?, Instant?, String?, Instant?, String
                    ).self)
                func entry(_ at: Instant, _ event: TimelineFact.LetterEvent, _ by: TimelineActor) -> TimelineEntry {
                    TimelineEntry(at: at, .letter(event), by: by, rules: ["template.\(template)"], caseId: caseId, row: id)
                }
                var entries = [entry(ordered, .ordered, .bank)]
                if let posted { entries.append(entry(posted, .posted(mailNo: mailNo), .agency(agency))) }
                if let closed { entries.append(entry(closed, .ended(state, reason: reason), .agency(agency))) }
                if let answered { entries.append(entry(answered, .answered, .debtor)) }
                return entries
            },
            Source(
                query: """
                    select r.referral_id, r.case_id, c.agency_id, r.state, nullif(r.route, 'criminal_report'), r.amount, r.proposed_at, r.decided_at,
                        a.account_ref
                    from legal_referral r join account a on a.part = r.part and a.account_id = r.account_id
                    join case_file c on c.part = r.part and c.case_id = r.case_id
                    where r.part = \(part) and r.debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, agency, state, route, amount, proposed, decided, account) = try row.decode(
                    (Int64, Int64, Int32, String, String?, Int64?, Instant, Instant?, String).self)
                let sum = amount.map { Money(minorUnits: $0, currency: amountCurrency) }
                var entries = [
                    TimelineEntry(
                        at: proposed, .legalProposed(sum, account: account), by: .agency(agency), rules: ["legal.proposed"],
                        caseId: caseId, row: id)
                ]
                if let decided {
                    let isApproved = state != "rejected"
                    entries.append(
                        TimelineEntry(
                            at: decided,
                            .legalDecided(
                                approved: isApproved, route.flatMap(StagePolicy.LegalReferral.Route.init), account: account), by: .bank,
                            rules: [isApproved ? "legal.approved" : "legal.rejected"], caseId: caseId, row: id))
                }
                return entries
            },
            Source(
                query: """
                    select order_id, case_id, act, rule, ordered_at, confirm_by, confirmed_at, confirmed_by from card_order
                    where part = \(part) and debtor_id = \(debtor)
                    """
            ) { row in
                let (id, caseId, act, rule, ordered, due, confirmed, by) = try row.decode(
                    (Int64, Int64, String, String, Instant, Instant, Instant?, String?).self)
                let isBlock = act == CardOrder.Act.block.rawValue
                var entries = [
                    TimelineEntry(
                        at: ordered, .cardOrdered(block: isBlock, confirmBy: due), by: .bank, rules: [rule], caseId: caseId, row: id)
                ]
                if let confirmed {
                    let actor = by.map { $0.hasPrefix("operator:") ? TimelineActor(by: $0) : .bank } ?? .bank
                    entries.append(
                        TimelineEntry(at: confirmed, .cardConfirmed(block: isBlock), by: actor, caseId: caseId, row: id))
                }
                return entries
            },
        ]
    }
}
