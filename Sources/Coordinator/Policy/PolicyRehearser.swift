package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Replays recorded contacts, holds and promises under another policy. Reads only; holds one debtor in memory at a time.
package struct PolicyRehearser: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// After so many contacts of one debtor the ledger forgets what the policy cannot need any more.
    private static let pruneEvery = 64

    /// Judges every outbound contact in `from ..< until`; what happened before is history for it.
    package func run(_ policy: ConductPolicy, from: Instant, until: Instant) async throws -> PolicyRehearsal {
        var rehearsal = PolicyRehearsal(policy: policy)
        for part in database.lanes.all {
            rehearsal = try await database.core.withConnection { [rehearsal] db in
                var replay = Replay(rehearsal: rehearsal, from: from)
                for try await row in db.stream(RehearsalQueries.history(part: part, until: until)) {
                    guard let event = try RehearsalQueries.decode(row) else { continue }
                    replay.take(event)
                }
                return replay.rehearsal
            }
        }
        return rehearsal
    }

    /// The debtor that is being replayed.
    private struct Replay {
        var rehearsal: PolicyRehearsal
        let from: Instant
        private var debtor: Int64?
        private var ledger = ConductLedger()
        private var accounts: [Int64] = []
        private var sincePruned = 0

        init(rehearsal: PolicyRehearsal, from: Instant) {
            self.rehearsal = rehearsal
            self.from = from
        }

        mutating func take(_ row: RehearsalQueries.Row) {
            if row.debtor != debtor {
                debtor = row.debtor
                ledger = ConductLedger(profile: DebtorProfile(zones: Zone(identifier: row.zone).map { .known([$0]) } ?? .unknown))
                accounts = []
                sincePruned = 0
            }
            if let account = row.account, !accounts.contains(account) { accounts.append(account) }
            switch row.kind {
            case .hold:
                if let type = HoldType(rawValue: row.word) { ledger.hold(type, on: row.account.map { [$0] }, from: row.at) }
            case .release:
                if let type = HoldType(rawValue: row.word) { ledger.release(type, on: row.account.map { [$0] }) }
            case .promise:
                if let account = row.account, let due = row.due { ledger.promise(on: [account], due: due, at: row.at) }
            case .promiseOver:
                if let account = row.account { ledger.endPromise(on: [account], at: row.at) }
            case .contact: contact(row)
            }
        }

        private mutating func contact(_ row: RehearsalQueries.Row) {
            guard let channel = Channel(name: row.word), let outcome = row.outcome.flatMap({ ContactOutcome(name: $0) }) else { return }
            let role = row.role.flatMap { PartyRole(name: $0) } ?? .debtor
            let party = role.party(rank: row.rank ?? 0)
            let purpose = row.purpose.flatMap { ActPurpose(name: $0) } ?? .demandPayment
            let isReserved = row.provenance.map { isReservedPoint(provenance: $0) } ?? false
            let by = Actor(agency: row.agency ?? 0)
            let about = row.account.map { [$0] } ?? accounts
            let isInbound = row.direction == "inbound"
            if !isInbound, row.at >= from {
                let kind = row.pointChannel.flatMap { PointKind(name: $0) } ?? Self.usualPoint(of: channel)
                let contact = ContactAct(
                    channel: channel, party: party, role: role,
                    point: ContactPointRef(id: row.point ?? 0, kind: kind, isReserved: isReserved), purpose: purpose)
                rehearsal.judge(
                    Act(by: by, accounts: about, kind: .contact(contact)), stage: row.stage, ledger: ledger, facts: GateFacts(), at: row.at)
            }
            let set = row.account.map { ledger.register([$0]) } ?? .all
            ledger.add(
                ContactEntry(
                    at: row.at, channel: channel, direction: isInbound ? .inbound : .outbound, outcome: outcome, purpose: purpose,
                    party: party,
                    role: role, point: row.point ?? 0, pointIsReserved: isReserved, accounts: set, by: by))
            sincePruned += 1
            if sincePruned >= PolicyRehearser.pruneEvery {
                ledger = rehearsal.policy.pruned(ledger, at: row.at)
                sincePruned = 0
            }
        }

        /// What an act reaches whose point is not on record.
        private static func usualPoint(of channel: Channel) -> PointKind {
            switch channel {
            case .call, .noticeCall, .sms: .mobile
            case .email: .email
            case .letter: .billingAddress
            case .visit: .homeAddress
            }
        }
    }
}
