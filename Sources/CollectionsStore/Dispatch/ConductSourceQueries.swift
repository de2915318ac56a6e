package import CollectionsDomain
package import PostgresDriver

/// What a debtor's conduct ledger is built from when there is none: the bank's record of the debtor, consents, open holds, acts of contact.
package struct ConductSource: Sendable {
    /// The ledger these records make. Reservations and marks of agreements are not in the tables it reads.
    package var ledger: ConductLedger
}

/// Builds conduct ledgers from the tables they can be rebuilt from.
package enum ConductSourceQueries {
    /// The ledgers of some debtors of a lane.
    package static func load(part: Int32, debtors: [Int64], in db: PostgresConnection) async throws -> [Int64: ConductSource] {
        let answers = try await db.pipeline([
            "select debtor_id, time_zone from debtor where part = \(part) and debtor_id = any(\(debtors))",
            "select debtor_id, account_id from account where part = \(part) and debtor_id = any(\(debtors)) order by account_id",
            """
            select c.debtor_id, p.role, p.rank, c.type, c.scope, c.valid_until, c.given_at, c.recorded
            from consent c left join contact_point p on p.part = \(part) and p.contact_point_id = c.contact_point_id
            where c.part = \(part) and c.debtor_id = any(\(debtors)) order by c.consent_id
            """,
            """
            select debtor_id, type, account_id, set_at, until from hold
            where part = \(part) and debtor_id = any(\(debtors)) and state = 'open' order by hold_id
            """,
            """
            select e.* from unnest(\(debtors)) u (id) cross join lateral (
                select v.debtor_id, v.account_id, v.contact_point_id, v.agency_id, v.direction, v.channel, v.outcome, v.party_role, v.purpose, v.occurred_at, p.rank
                from contact_event v left join contact_point p on p.part = \(part) and p.contact_point_id = v.contact_point_id and p.role = v.party_role
                where v.debtor_id = u.id and v.part = \(part) order by v.occurred_at desc limit \(Int32(ConductLedger.maximumEntries))) e
            """,
            """
            select debtor_id, bool_and(state in ('invalid', 'off')) from contact_point
            where part = \(part) and debtor_id = any(\(debtors)) and role = 'debtor' and channel in ('mobile', 'home_phone', 'other_phone')
            group by debtor_id
            """,
        ])
        var sources: [Int64: ConductSource] = [:]
        for row in answers[0] {
            let (debtor, zone) = try row.decode((Int64, String).self)
            let zones: Fact<[Zone]> = Zone(identifier: zone).map { .known([$0]) } ?? .unknown
            sources[debtor] = ConductSource(ledger: ConductLedger(profile: DebtorProfile(zones: zones)))
        }
        for row in answers[1] {
            let (debtor, account) = try row.decode((Int64, Int64).self)
            _ = sources[debtor]?.ledger.register([account])
        }
        for row in answers[2] {
            let (debtor, owner, rank, type, scope, until, given, recorded) = try row.decode(
                (Int64, String?, Int16?, String, String?, Day?, Instant?, Bool).self)
            guard let kind = LedgerConsent.Kind(name: type) else { continue }
            let channels = scope.flatMap { ChannelSet(word: $0) } ?? .all
            let role = owner.flatMap { PartyRole(name: $0) } ?? .debtor
            sources[debtor]?.ledger.add(
                LedgerConsent(
                    // That others of a role are told is the debtor's own consent.
                    kind: kind, party: kind == .thirdPartyContact ? 0 : role.party(rank: rank ?? 0), channels: channels,
                    isRecorded: recorded, givenOn: given.map { Zone.utc.day(of: $0) } ?? Day(number: 0), validUntil: until, role: role))
        }
        for row in answers[3] {
            let (debtor, type, account, from, until) = try row.decode((Int64, HoldType, Int64?, Instant, Instant?).self)
            sources[debtor]?.ledger.hold(type, on: account.map { [$0] }, from: from, until: until)
        }
        for row in answers[4] {
            let (debtor, account, point, agency, direction, channel, outcome, role, purpose, at, rank) = try row.decode(
                (Int64, Int64?, Int64?, Int32?, String, String, String, String, String, Instant, Int16?).self)
            guard var ledger = sources[debtor]?.ledger, let channel = Channel(name: channel), let outcome = ContactOutcome(name: outcome)
            else { continue }
            let party = PartyRole(name: role) ?? .debtor
            let accounts = account.map { ledger.register([$0]) } ?? .all
            ledger.add(
                ContactEntry(
                    at: at, channel: channel, direction: Direction(name: direction) ?? .outbound, outcome: outcome,
                    purpose: ActPurpose(name: purpose) ?? .demandPayment,
                    party: party.party(rank: rank ?? 0), role: party, point: point ?? 0,
                    pointIsReserved: true, accounts: accounts, by: Actor(agency: agency ?? 0)))
            sources[debtor]?.ledger = ledger
        }
        for row in answers[5] {
            let (debtor, invalid) = try row.decode((Int64, Bool).self)
            sources[debtor]?.ledger.profile.numberInvalid = .known(invalid)
        }
        return sources
    }
}
