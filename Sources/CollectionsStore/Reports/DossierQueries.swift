package import CollectionsDomain
package import PostgresDriver

/// What a legal dossier is made of, beside the record of the case. Personal columns stay sealed.
package enum DossierQueries {
    /// An account with its ledger's ends.
    package struct Account: Hashable, Sendable {
        package let id: Int64
        package let ref: String
        package let currency: String
        package let opening: Int64
        package let balance: Int64
        package let bankBalance: Int64?
        package let principal: Int64
        package let interest: Int64
        package let fees: Int64
        package let delinquentSince: Day
        package let createdAt: Instant
    }

    /// An entry of an account's ledger; signed in the direction of the balance.
    package struct Posting: Hashable, Sendable {
        package let account: Int64
        package let at: Instant
        package let ref: String
        package let type: String
        package let amount: Int64
        package let isPayment: Bool
    }

    /// An act of contact with everything it has to say.
    package struct Contact: Hashable, Sendable {
        package let id: Int64
        package let at: Instant
        package let endedAt: Instant?
        package let agency: Int32?
        package let direction: String
        package let channel: String
        package let outcome: String
        package let role: String
        package let purpose: String
        package let collector: String?
        package let recording: String?
        package let isLate: Bool
        package let task: Int64?
        package let epoch: Int32?
    }

    /// A letter with the hash of its template.
    package struct Letter: Hashable, Sendable {
        package let id: Int64
        package let template: String
        package let templateHash: [UInt8]?
        package let mailClass: String
        package let mailNo: String?
        package let state: String
        package let orderedAt: Instant
        package let postedAt: Instant?
        package let closedAt: Instant?
        package let signedBy: String?
        package let returnReason: String?
        package let answeredAt: Instant?
    }

    /// A receipt: what an agency reported, as it was stored.
    package struct Receipt: Hashable, Sendable {
        /// `outcome`, `late_outcome` or `activity`.
        package let kind: String
        package let id: Int64
        package let epoch: Int32
        package let agency: Int32
        package let what: String
        package let at: Instant
        package let hash: [UInt8]
        package let body: [UInt8]
        package let policy: Int32?
    }

    /// A policy that decisions name.
    package struct Policy: Hashable, Sendable {
        package let version: Int32
        package let id: String
        package let text: String
        package let hash: [UInt8]
        package let from: Day
    }

    /// A contact point, sealed.
    package struct SealedPoint: Hashable, Sendable {
        package let id: Int64
        package let role: String
        package let channel: String
        package let state: String
        package let value: [UInt8]
    }

    /// Everything but the personal.
    package struct Answer: Sendable {
        package var accounts: [Account]
        package var postings: [Posting]
        package var contacts: [Contact]
        package var letters: [Letter]
        package var receipts: [Receipt]
        package var policies: [Policy]
    }

    /// Reads what a debtor's dossier is made of; rows are in a fixed order.
    package static func read(_ subject: TimelineQueries.Subject, in db: PostgresConnection) async throws -> Answer {
        let (part, debtor, floor) = (subject.part, subject.debtorId, subject.floor)
        let results = try await db.pipeline([
            """
            select account_id, account_ref, currency, opening_balance, balance, bank_balance, principal, interest, fees, delinquent_since, created_at
            from account where part = \(part) and debtor_id = \(debtor) order by account_ref, currency
            """,
            """
            select p.account_id, p.paid_at, p.payment_ref, p.entry_type,
                case when p.entry_type in ('payment', 'waiver') then -p.amount else p.amount end, true, p.payment_id
            from payment p where p.part = \(part) and p.debtor_id = \(debtor)
            union all
            select j.account_id, j.effective_at, j.adjustment_ref, j.type, j.amount, false, j.adjustment_id
            from account a join adjustment j on j.part = a.part and j.account_id = a.account_id where a.part = \(part) and a.debtor_id = \(debtor)
            order by 1, 2, 6, 7
            """,
            """
            select event_id, occurred_at, ended_at, agency_id, direction, channel, outcome, party_role, purpose, collector_id, recording_ref, late,
                task_id, epoch
            from contact_event where part = \(part) and debtor_id = \(debtor) and event_id >= \(floor) order by occurred_at, event_id
            """,
            """
            select letter_id, template, template_hash, mail_class, mail_no, state, ordered_at, posted_at, closed_at, signed_by_kind, return_reason,
                answered_at
            from letter where part = \(part) and debtor_id = \(debtor) order by letter_id
            """,
            """
            select 'outcome', task_id, epoch, agency_id, result, null::text, occurred_at, body_hash, body, policy_version from outcome
            where part = \(part) and task_id >= \(floor) and debtor_id = \(debtor)
            union all
            select 'late_outcome', task_id, epoch, agency_id, result, null, occurred_at, body_hash, body, null from late_outcome
            where part = \(part) and task_id >= \(floor) and debtor_id = \(debtor)
            union all
            select 'activity', activity_id, 0, agency_id, null, type, occurred_at, body_hash, body, null from activity
            where part = \(part) and activity_id >= \(floor) and debtor_id = \(debtor)
            order by 7, 1, 2, 3
            """,
            """
            select v.policy_version, v.policy_id, v.version, v.sha256, v.effective_from from policy_version v
            where v.policy_version in (
                select policy_version from outcome where part = \(part) and task_id >= \(floor) and debtor_id = \(debtor)
                union select policy_version from case_file where part = \(part) and debtor_id = \(debtor)
                union select policy_version from placement where part = \(part) and debtor_id = \(debtor))
            order by v.policy_version
            """,
        ])
        return Answer(
            accounts: try results[0].map(account), postings: try results[1].map(posting), contacts: try results[2].map(contact),
            letters: try results[3].map(letter), receipts: try results[4].map(receipt), policies: try results[5].map(policy))
    }

    /// The debtor's own data, sealed: for a dossier that reveals them.
    package static func personal(
        part: Int32, debtor: Int64, in db: PostgresConnection
    ) async throws -> (name: [UInt8]?, idNumber: [UInt8]?, points: [SealedPoint]) {
        let results = try await db.pipeline([
            "select name_enc, id_number_enc from debtor where part = \(part) and debtor_id = \(debtor)",
            """
            select contact_point_id, role, channel, state, value_enc from contact_point
            where part = \(part) and debtor_id = \(debtor) order by role, rank, contact_point_id
            """,
        ])
        guard let row = results[0].first else { throw PostgresError(code: .decode, message: "a case has no debtor") }
        let (name, idNumber) = try row.decode(([UInt8]?, [UInt8]?).self)
        let points = try results[1].map { row in
            let (id, role, channel, state, value) = try row.decode((Int64, String, String, String, [UInt8]).self)
            return SealedPoint(id: id, role: role, channel: channel, state: state, value: value)
        }
        return (name, idNumber, points)
    }

    // MARK: Rows

    private static func account(_ row: PostgresRow) throws -> Account {
        let (id, ref, currency, opening, balance, bank, principal, interest, fees, since, created) = try row.decode(
            (Int64, String, String, Int64, Int64, Int64?, Int64, Int64, Int64, Day, Instant).self)
        return Account(
            id: id, ref: ref, currency: currency, opening: opening, balance: balance, bankBalance: bank, principal: principal,
            interest: interest, fees: fees, delinquentSince: since, createdAt: created)
    }

    private static func posting(_ row: PostgresRow) throws -> Posting {
        let (account, at, ref, type, amount, isPayment, _) = try row.decode((Int64, Instant, String, String, Int64, Bool, Int64).self)
        return Posting(account: account, at: at, ref: ref, type: type, amount: amount, isPayment: isPayment)
    }

    private static func contact(_ row: PostgresRow) throws -> Contact {
        let (id, at, ended, agency, direction, channel, outcome, role, purpose, collector, recording, late, task, epoch) = try row.decode(
            (
                Int64, Instant, Instant?, Int32?, String, String, String, String, String, String?, String?, Bool, Int64?, Int32?
            ).self)
        return Contact(
            id: id, at: at, endedAt: ended, agency: agency, direction: direction, channel: channel, outcome: outcome, role: role,
            purpose: purpose, collector: collector, recording: recording, isLate: late, task: task, epoch: epoch)
    }

    private static func letter(_ row: PostgresRow) throws -> Letter {
        let (id, template, hash, mailClass, mailNo, state, ordered, posted, closed, signedBy, reason, answered) = try row.decode(
            (
                Int64, String, [UInt8]?, String, String?, String, Instant, Instant?, Instant?, String?, String?, Instant?
            ).self)
        return Letter(
            id: id, template: template, templateHash: hash, mailClass: mailClass, mailNo: mailNo, state: state, orderedAt: ordered,
            postedAt: posted, closedAt: closed, signedBy: signedBy, returnReason: reason, answeredAt: answered)
    }

    private static func receipt(_ row: PostgresRow) throws -> Receipt {
        let (kind, id, epoch, agency, result, type, at, hash, body, policy) = try row.decode(
            (String, Int64, Int32, Int32, ResultCode?, String?, Instant, [UInt8], [UInt8], Int32?).self)
        return Receipt(
            kind: kind, id: id, epoch: epoch, agency: agency, what: result?.name ?? type ?? "", at: at, hash: hash, body: body,
            policy: policy)
    }

    private static func policy(_ row: PostgresRow) throws -> Policy {
        let (version, id, text, hash, from) = try row.decode((Int32, String, String, [UInt8], Day).self)
        return Policy(version: version, id: id, text: text, hash: hash, from: from)
    }
}
