import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Accounts files: debtors, accounts, the letter address, and the conduct ledger each new debtor starts with.
struct AccountFiles: FileKind {
    var kind: ImportKind { .accounts }

    func read(_ reader: inout RowReader<AccountColumn>) -> AccountRow? { AccountRow(&reader) }

    func controlAmount(_ reader: RowReader<AccountColumn>) -> (Currency, Int64)? { reader.controlAmount(.balance, currency: .currency) }

    func asOf(_ row: AccountRow) -> (own: Day?, derived: Day)? { (row.asOf, row.derivedAsOf) }

    func stage(_ rows: [(number: Int, row: AccountRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let database = context.database
        let refs = Set(rows.map(\.row.debtorRef)).sorted()
        let known = try await database.core.withConnection { try await database.refs.find(kind: .debtor, refs, in: $0) }
        let staged = rows.map { number, row in
            StagedRow(
                lane: known[row.debtorRef]?.part ?? database.lanes.refPart(kind: .debtor, ref: row.debtorRef), number: Int64(number),
                ref: AccountKey.text(row.account.accountRef, row.account.currency), body: StagedAccount.bytes(row, cipher: database.cipher))
        }
        return (staged, [])
    }

    /// A debtor's reference is claimed by itself: what its rows say of the person may differ from account to account.
    static func debtorHash(_ ref: String) -> [UInt8] { Digest.sha256("debtor " + ref) }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        var result = LoadResult()
        var accounts: [(staged: StagedRow, row: StagedAccount)] = []
        for staged in rows {
            let row = try StagedAccount(staged.body)
            guard let asOf = row.asOf ?? context.asOf else { throw IntakeError.stagingDamaged }
            if row.account.delinquentSince > asOf {
                result.refuse(staged, AccountColumn.delinquentSince, "later than the day of the figures")
                continue
            }
            accounts.append((staged, row))
        }
        let claimed = accounts
        let claims = try await database.core.withTransaction { db in
            try await claim(claimed, lane: lane, context: context, in: db)
        }
        try context.options.afterClaim?()
        for (_, lot) in Dictionary(grouping: accounts.indices, by: { claims.debtors[accounts[$0].row.debtorRef]?.part ?? lane }).sorted(
            by: { $0.key < $1.key })
        {
            let chosen = lot.map { accounts[$0] }
            let part = claims.debtors[chosen[0].row.debtorRef]?.part ?? lane
            let new = try await write(chosen, part: part, claims: claims, context: context)
            for (staged, row) in chosen {
                guard let id = claims.accounts[staged.ref] else {
                    result.refuse(staged, AccountColumn.accountRef, knownWithOtherContent)
                    continue
                }
                result.accept(isNew: new.contains(id), row.account.currency, row.account.balance)
            }
        }
        return result
    }

    private struct Claims: Sendable {
        var debtors: [String: RefTarget] = [:]
        /// Ids of the accounts whose content is this file's.
        var accounts: [String: Int64] = [:]
    }

    /// Claims the references of debtors and accounts with their targets. One transaction: a claim always says where its owner belongs, and
    /// an import that stops before the owner is written leaves a claim the next one completes.
    private func claim(
        _ rows: [(staged: StagedRow, row: StagedAccount)], lane: Int32, context: LoadContext, in db: PostgresConnection
    ) async throws -> Claims {
        let database = context.database
        var claims = Claims()
        let refs = Set(rows.map(\.row.debtorRef)).sorted()
        let answers = try await database.refs.claim(kind: .debtor, refs.map { ($0, Self.debtorHash($0)) }, in: db)
        var unplaced: [String] = []
        for (ref, answer) in zip(refs, answers) {
            switch answer {
            case .knownSame(let target?), .knownDifferent(let target?): claims.debtors[ref] = target
            case .new, .knownSame(nil), .knownDifferent(nil): unplaced.append(ref)
            }
        }
        if !unplaced.isEmpty {
            let ids = try await context.debtorIds.take(unplaced.count, lane: lane)
            let targets = zip(unplaced, ids).map { ($0, RefTarget(part: database.lanes.part(of: $1), id: $1)) }
            for (ref, target) in targets { claims.debtors[ref] = target }
            try await database.refs.setTargets(kind: .debtor, targets.map { (ref: $0.0, target: $0.1) }, in: db)
        }

        claims.accounts = try await ClaimedIds.claim(
            kind: .account, ids: .account, rows.map { ($0.staged.ref, $0.row.bodyHash, claims.debtors[$0.row.debtorRef]?.part ?? lane) },
            database: database, in: db)
        return claims
    }

    /// Writes the rows of one lane that are not there yet, and returns the accounts that were new.
    private func write(
        _ rows: [(staged: StagedRow, row: StagedAccount)], part: Int32, claims: Claims, context: LoadContext
    ) async throws -> Set<Int64> {
        let database = context.database
        var debtors: [Int64: NewDebtor] = [:]
        var accounts: [NewAccount] = []
        var addresses: [(debtor: Int64, index: [UInt8], ref: String, sealed: [UInt8])] = []
        for (staged, row) in rows {
            guard let target = claims.debtors[row.debtorRef], let id = claims.accounts[staged.ref], let asOf = row.asOf ?? context.asOf
            else { continue }
            if debtors[target.id] == nil {
                debtors[target.id] = NewDebtor(
                    debtorId: target.id, debtorRef: row.debtorRef, facts: row.debtor, nameSealed: row.nameSealed,
                    idNumberSealed: row.idNumberSealed,
                    idNumberIndex: row.idNumberIndex, ledger: Self.firstLedger(row.debtor, asOf: asOf))
            }
            accounts.append(
                NewAccount(accountId: id, debtorId: target.id, facts: row.account, asOf: asOf, billingAddressSealed: row.billingSealed))
            if let sealed = row.billingSealed, let index = row.billingIndex { addresses.append((target.id, index, staged.ref, sealed)) }
        }
        if accounts.isEmpty { return [] }
        let pointIds = try await database.ids.next(.contactPoint, count: addresses.count)
        let stored = debtors.values.sorted { $0.debtorId < $1.debtorId }
        accounts.sort { $0.accountId < $1.accountId }
        let new = accounts
        return try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            let points = try await billingPoints(addresses, ids: pointIds, part: part, in: db)
            var statements = [
                AccountIntakeQueries.insertDebtors(part: part, stored, now: now),
                ConductQueries.create(part: part, stored.map { ($0.debtorId, $0.ledger) }),
                AccountIntakeQueries.insertAccounts(part: part, portfolio: context.portfolioId, new, now: now),
            ]
            if !points.isEmpty { statements.append(ContactIntakeQueries.insertPoints(part: part, points, now: now)) }
            let results = try await db.commit(after: statements)
            return Set(try results[2].map { try $0.get(0, as: Int64.self) })
        }
    }

    /// The letter addresses that are not there yet: one for each address of a debtor, though several accounts name it.
    private func billingPoints(
        _ addresses: [(debtor: Int64, index: [UInt8], ref: String, sealed: [UInt8])], ids: [Int64], part: Int32, in db: PostgresConnection
    ) async throws -> [ContactPointDraft] {
        if addresses.isEmpty { return [] }
        let refs = [ContactIntakeQueries.billingRef] + addresses.map { "\(ContactIntakeQueries.billingRef)/\($0.ref)" }
        var known: [Int64: [[UInt8]]] = [:]
        for (debtor, points) in try await ContactIntakeQueries.stored(
            part: part, debtors: Set(addresses.map(\.debtor)).sorted(), refs: refs, in: db)
        {
            known[debtor] = points.values.map(\.valueIndex)
        }
        var points: [ContactPointDraft] = []
        for (address, id) in zip(addresses, ids) where !known[address.debtor, default: []].contains(address.index) {
            let isFirst = known[address.debtor, default: []].isEmpty
            known[address.debtor, default: []].append(address.index)
            points.append(
                ContactPointDraft(
                    pointId: id, debtorId: address.debtor,
                    contactRef: isFirst ? ContactIntakeQueries.billingRef : "\(ContactIntakeQueries.billingRef)/\(address.ref)",
                    role: .debtor,
                    relation: ContactRow.Relation.`self`.rawValue, debtRelation: ContactRow.DebtRelation.liable.rawValue,
                    kind: .billingAddress,
                    valueSealed: address.sealed, valueIndex: address.index, rank: 1, provenance: "accounts_file"))
        }
        return points
    }

    /// A conduct ledger that knows the debtor's zone and state and no contact yet.
    static func firstLedger(_ debtor: DebtorDetails, asOf: Day) -> [UInt8] {
        var profile = DebtorProfile(zones: Zone(identifier: debtor.timeZone).map { .known([$0]) } ?? .unknown)
        switch debtor.status {
        case .alive, .minor: break
        case .deceased: profile.deceasedOn = .known(asOf)
        case .incapacitated: profile.incapacitated = .known(true)
        }
        return ConductLedger(profile: profile).bytes
    }
}
