package import CollectionsDomain
package import PostgresDriver

/// How a debtor was told which agency will call; raw values are those of `debtor_notice.state`.
package enum DebtorNoticeState: String, CaseIterable, Sendable {
    /// Ordered; a letter waits for its posting.
    case queued
    /// Handed to the bank's message gateway, or posted; ``DebtorNotice/sentAt`` says when.
    case sent
    /// It did not arrive: a letter follows.
    case failed
    /// An operator attested that the bank told the debtor.
    case attested
}

/// The ways the debtor is told; raw values are those of `debtor_notice.channel`.
package enum DebtorNoticeChannel: String, CaseIterable, Sendable {
    case sms, letter
}

/// One account's notice.
package struct DebtorNotice: Hashable, Sendable {
    package let noticeId: Int64
    package let accountId: Int64
    package let debtorId: Int64
    /// The agency it names; `nil`: the outsourcing as such.
    package let agencyId: Int32?
    package let runId: Int64?
    package let channel: String
    package let state: DebtorNoticeState
    /// `nil` until it is sent or posted.
    package let sentAt: Instant?

    package init(
        noticeId: Int64, accountId: Int64, debtorId: Int64, agencyId: Int32?, runId: Int64?, channel: String, state: DebtorNoticeState,
        sentAt: Instant?
    ) {
        self.noticeId = noticeId
        self.accountId = accountId
        self.debtorId = debtorId
        self.agencyId = agencyId
        self.runId = runId
        self.channel = channel
        self.state = state
        self.sentAt = sentAt
    }
}

/// Notices to debtors: lane tables, every statement names its lane.
package enum DebtorNoticeQueries {
    /// An account whose debtor has to be told.
    package struct Addressee: Hashable, Sendable {
        package let accountId: Int64
        package let debtorId: Int64
        package let accountRef: String
        package let debtorRef: String
        /// What the bank's file says already.
        package let outsourcingNoticeAt: Instant?
        /// The debtor's best own mobile number, by id.
        package let mobilePointId: Int64?
        /// Whether a letter can be addressed.
        package let hasAddress: Bool
    }

    /// Accounts of one lane with the ways their debtors can be told, by debtor and account.
    package static func addressees(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [Addressee] {
        try await db.query(
            """
            select a.account_id, a.debtor_id, a.account_ref, d.debtor_ref, a.outsourcing_notice_at,
                (select c.contact_point_id from contact_point c
                    where c.part = \(part) and c.debtor_id = a.debtor_id and c.role = 'debtor' and c.channel = 'mobile'
                      and c.state in ('valid', 'unverified') and c.do_not_contact_since is null
                    order by c.rank, c.contact_point_id limit 1),
                a.billing_address_enc is not null or exists (select from contact_point c
                    where c.part = \(part) and c.debtor_id = a.debtor_id and c.role = 'debtor' and c.channel in ('billing_address', 'home_address')
                      and c.state in ('valid', 'unverified'))
            from account a join debtor d on d.part = a.part and d.debtor_id = a.debtor_id
            where a.part = \(part) and a.account_id = any(\(accounts))
            order by a.debtor_id, a.account_id
            """
        ).map { row in
            let (account, debtor, accountRef, debtorRef, noticeAt, mobile, address) = try row.decode(
                (Int64, Int64, String, String, Instant?, Int64?, Bool).self)
            return Addressee(
                accountId: account, debtorId: debtor, accountRef: accountRef, debtorRef: debtorRef, outsourcingNoticeAt: noticeAt,
                mobilePointId: mobile, hasAddress: address)
        }
    }

    /// Every notice of some accounts of one lane, the oldest first.
    package static func notices(part: Int32, accounts: [Int64], in db: PostgresConnection) async throws -> [DebtorNotice] {
        try await db.query(
            """
            select notice_id, account_id, debtor_id, agency_id, run_id, channel, state, sent_at from debtor_notice
            where part = \(part) and account_id = any(\(accounts)) order by notice_id
            """
        ).map { row in
            let (id, account, debtor, agency, run, channel, stateText, sent) = try row.decode(
                (Int64, Int64, Int64, Int32?, Int64?, String, String, Instant?).self)
            guard let state = DebtorNoticeState(rawValue: stateText) else {
                throw PostgresError(code: .decode, message: "notice \(id) has a state this version does not know")
            }
            return DebtorNotice(
                noticeId: id, accountId: account, debtorId: debtor, agencyId: agency, runId: run, channel: channel, state: state,
                sentAt: sent)
        }
    }

    /// Stores notices of one lane.
    package static func insert(part: Int32, _ notices: [DebtorNotice]) -> PostgresQuery {
        """
        insert into debtor_notice (part, notice_id, debtor_id, account_id, agency_id, run_id, channel, state, sent_at)
        select \(part), u.id, u.debtor, u.account, u.agency, u.run, u.channel, u.state, u.sent
        from unnest(\(notices.map(\.noticeId))::bigint[], \(notices.map(\.debtorId))::bigint[], \(notices.map(\.accountId))::bigint[],
            \(notices.map(\.agencyId))::int[], \(notices.map(\.runId))::bigint[], \(notices.map(\.channel))::text[],
            \(notices.map(\.state.rawValue))::text[], \(notices.map(\.sentAt))::timestamptz[])
            u(id, debtor, account, agency, run, channel, state, sent)
        """
    }

    /// Enters what became of the notices of a debtor about an agency (a line of the bank's notices file), and returns how many accounts know
    /// of it now.
    ///
    /// Notices ordered before are updated. Where there are none, the bank told the debtor by itself: every account still collected gets one.
    ///
    /// - Parameters:
    ///   - agencyId: `nil`: the outsourcing as such.
    ///   - state: ``DebtorNoticeState/sent`` with the time of sending or posting, or ``DebtorNoticeState/failed``.
    ///   - newIds: Makes ids for notices that were not ordered here.
    package static func record(
        part: Int32, debtorId: Int64, agencyId: Int32?, channel: DebtorNoticeChannel, state: DebtorNoticeState, sentAt: Instant?,
        newIds: (Int) async throws -> [Int64], in db: PostgresConnection
    ) async throws -> Int {
        let known = try await db.query(
            """
            update debtor_notice set state = \(state.rawValue), sent_at = coalesce(\(sentAt), sent_at)
            where part = \(part) and debtor_id = \(debtorId) and agency_id is not distinct from \(agencyId) and channel = \(channel.rawValue)
                and state in ('queued', 'sent', 'failed')
                and account_id in (select account_id from account where part = \(part) and debtor_id = \(debtorId))
            returning account_id
            """)
        if !known.isEmpty || state == .failed { return known.count }
        let accounts = try await db.query(
            "select account_id from account where part = \(part) and debtor_id = \(debtorId) and status in ('open', 'charged_off') order by account_id"
        ).map { try $0.get(0, as: Int64.self) }
        if accounts.isEmpty { return 0 }
        let ids = try await newIds(accounts.count)
        try await db.query(
            insert(
                part: part,
                zip(ids, accounts).map { id, account in
                    DebtorNotice(
                        noticeId: id, accountId: account, debtorId: debtorId, agencyId: agencyId, runId: nil, channel: channel.rawValue,
                        state: state,
                        sentAt: sentAt)
                }))
        return accounts.count
    }
}
