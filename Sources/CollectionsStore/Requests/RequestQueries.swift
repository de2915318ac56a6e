package import CollectionsDomain
package import PostgresDriver

/// A question to the bank that is still open.
package struct OpenRequest: Hashable, Sendable {
    package let part: Int32
    package let id: Int64
    package let caseId: Int64
    package let debtorId: Int64
    package let accountId: Int64?
    package let agencyId: Int32
    package let type: RequestType
    package let askedAt: Instant
    package let slaDue: Instant
    /// Who decided first, where two have to.
    package let maker: Int32?
    /// What the first one decided.
    package let decision: String?
    package let approvalsNeeded: Int16
    /// What is asked, in codes.
    package let detail: String
    /// The bank's key of the person.
    package let debtorRef: String
    /// The bank's key of the account it is about; `nil`: the whole case.
    package let accountRef: String?
}

/// Questions to the bank: the SQL.
package enum RequestQueries {
    private static let columns = """
        part, request_id, case_id, debtor_id, account_id, agency_id, type, asked_at, sla_due, maker, decision, approvals_needed, detail,
        (select debtor_ref from debtor d where d.part = r.part and d.debtor_id = r.debtor_id),
        (select account_ref from account a where a.part = r.part and a.account_id = r.account_id)
        """

    /// Open requests of a lane, the most urgent first.
    package static func open(part: Int32, limit: Int32, in db: PostgresConnection) async throws -> [OpenRequest] {
        try await db.query(
            "select \(unescaped: columns) from bank_request r where part = \(part) and state = 'open' order by sla_due, request_id limit \(limit)"
        ).map(decode)
    }

    /// One request, locked; `nil` if there is none or it is decided.
    package static func lockOpen(part: Int32, id: Int64, in db: PostgresConnection) async throws -> OpenRequest? {
        try await db.query(
            "select \(unescaped: columns) from bank_request r where part = \(part) and request_id = \(id) and state = 'open' for update"
        ).first.map(decode)
    }

    /// The debtor a request belongs to, so that its lock can be taken first.
    package static func debtor(part: Int32, id: Int64, in db: PostgresConnection) async throws -> Int64? {
        try await db.query("select debtor_id from bank_request where part = \(part) and request_id = \(id)").first?.get(0)
    }

    /// Notes the first of two decisions.
    package static func propose(part: Int32, id: Int64, decision: String, by maker: Int32, in db: PostgresConnection) async throws {
        try await db.query(
            "update bank_request set maker = \(maker), decision = \(decision) where part = \(part) and request_id = \(id) and state = 'open'"
        )
    }

    /// Ends a request. The table's constraints refuse a checker who is the maker, and a single decision where two are needed.
    package static func decide(
        part: Int32, id: Int64, state: String, decision: String, maker: Int32, checker: Int32?, at now: Instant, in db: PostgresConnection
    ) async throws {
        try await db.query(
            """
            update bank_request set state = \(state), decision = \(decision), maker = \(maker), checker = \(checker), decided_at = \(now)
            where part = \(part) and request_id = \(id)
            """)
    }

    private static func decode(_ row: PostgresRow) throws -> OpenRequest {
        let (part, id, caseId, debtor, account, agency, type, asked, due, maker, decision, needed, detail, debtorRef, accountRef) =
            try row.decode(
                (Int32, Int64, Int64, Int64, Int64?, Int32, String, Instant, Instant, Int32?, String?, Int16, PostgresJSON, String, String?)
                    .self)
        guard let type = RequestType(rawValue: type) else {
            throw PostgresError(code: .decode, message: "request \(id) has an unknown type")
        }
        return OpenRequest(
            part: part, id: id, caseId: caseId, debtorId: debtor, accountId: account, agencyId: agency, type: type, askedAt: asked,
            slaDue: due,
            maker: maker, decision: decision, approvalsNeeded: needed, detail: detail.text, debtorRef: debtorRef, accountRef: accountRef)
    }
}
