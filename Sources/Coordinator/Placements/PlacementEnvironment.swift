import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Policy, agencies and day a plan is made or carried out with, read together.
struct PlacementEnvironment: Sendable {
    let now: Now
    let policy: ActivePolicy
    /// Zone of the bank's days: the policy's, else UTC.
    let zone: Zone
    /// The day that is reckoned with.
    let day: Day
    let controls: AgencyControls
    let holders: [Holder]
    /// Contracts that bind, by agency.
    let terms: [Int32: ContractTerms]
    /// What agencies hold, by agency.
    let inventory: [Int32: AgencyQueries.Inventory]

    /// Reads it.
    ///
    /// - Parameter day: A plan's own day, to make it again; `nil`: today.
    static func read(database: Database, policies: PolicyService, day: Day? = nil) async throws -> PlacementEnvironment {
        let now = try await database.core.withConnection { db in try await ClockQueries.read(in: db) }
        let policy = try await policies.current(at: Zone.utc.day(of: now.business))
        return try await database.core.withConnection { db in
            try await read(policy: policy, now: now, day: day, in: db)
        }
    }

    /// Reads agencies as they stand in this transaction.
    ///
    /// - Parameter countsInventory: Whether what agencies hold is counted, over all lanes; else they seem to have room for everything.
    static func read(
        policy: ActivePolicy, now: Now, day: Day? = nil, countsInventory: Bool = true, in db: PostgresConnection
    ) async throws -> PlacementEnvironment {
        let zone = policy.conduct.time.zone ?? .utc
        let today = day ?? zone.day(of: now.business)
        let agencies = try await AgencyQueries.all(in: db)
        let contracts = Dictionary(grouping: try await AgencyQueries.contracts(in: db), by: \.agencyId).mapValues { $0.map(\.terms) }
        let cards = Dictionary(grouping: try await AgencyQueries.feeSchedules(in: db), by: \.agencyId)
        let inventory = countsInventory ? try await AgencyQueries.inventory(in: db) : [:]
        let controls = AgencyControls(policy.conduct)
        let unconfirmed = try await RecallQueries.oldestUnconfirmed(in: db)
        let termEnd = today.adding(days: policy.stages.intake.termDays)
        var holders = agencies.map { agency in
            Holder(
                agency, terms: contracts[agency.agencyId]?.inForce(on: today),
                feeScheduleId: cards[agency.agencyId]?.filter { $0.card.startsOn <= today }.max { $0.card.startsOn < $1.card.startsOn }?.id,
                controls: controls, day: today, termEnd: termEnd, inventory: inventory[agency.agencyId] ?? .init(),
                stopWork: unconfirmed[agency.agencyId].map { StopWork(unconfirmedSince: $0, now: now.business) } ?? .inTime)
        }
        if countsInventory {
            // Which agencies may hold anything at all is the plan's question; a chunk only carries it out.
            Holder.limit(
                &holders, to: policy.conduct.chain.compactMap { $0.agencyControls?.maxAgencies?.value }.min(),
                holding: Set(inventory.filter { $0.value.accounts > 0 }.keys))
        }
        return PlacementEnvironment(
            now: now, policy: policy, zone: zone, day: today, controls: controls, holders: holders,
            terms: contracts.compactMapValues { $0.inForce(on: today) },
            inventory: inventory)
    }

    /// Whether an account may be placed only after its debtor was told (`agency_controls.debtor_notice_before`); how many days after is
    /// `stages.intake.debtor_notice_days`.
    var needsNotice: Bool {
        policy.conduct.chain.contains { $0.agencyControls?.debtorNoticeBefore?.value == true }
    }

    /// Agencies and policy as bytes, for a plan's fingerprint.
    func fingerprint(portfolio: PortfolioRecord, strategy: AllocationStrategy, seed: Int64) -> [UInt8] {
        var text =
            "plan|\(portfolio.portfolioId)|\(portfolio.internalCollectionFrom?.description ?? "-")|\(strategy.rawValue)|\(seed)|\(day)"
        text += "|\(policy.version)\n"
        for holder in holders {
            text += "h|\(holder.id)|\(holder.feeScheduleId ?? 0)|\(holder.exclusion?.rawValue ?? "-")"
            if let terms = terms[holder.id] {
                text += "|\(terms.startsOn)|\(terms.endsOn)|\(terms.stages.sorted().map(\.name).joined(separator: ","))"
                for list in [terms.regions, terms.fieldRegions, terms.products, terms.currencies] {
                    text += "|" + list.sorted().joined(separator: ",")
                }
                text += "|\(terms.minBalance ?? -1)|\(terms.maxBalance ?? -1)|\(terms.capacityCount)|\(terms.capacityAmount ?? -1)"
                text += "|\(terms.share.value)|\(terms.weight)"
            }
            text += "\n"
        }
        return Array(text.utf8)
    }

    /// What spreads a plan's debtors over the agencies as they stand.
    func allocation(_ strategy: AllocationStrategy, seed: Int64) -> AllocationPlan {
        AllocationPlan(
            // Lettershops and law firms hold nothing: naming them in every reason would hide what is meant.
            agencies: holders.map(\.offer).filter(\.kind.mayHold), strategy: strategy, intake: policy.stages.intake, controls: controls,
            day: day,
            seed: UInt64(bitPattern: seed),
            barred: Dictionary(holders.compactMap { holder in holder.barred.map { (holder.id, $0) } }) { first, _ in first })
    }

    /// The end of the last day of a term that begins now: the month's end that `termDays` lead into (DOMAIN section 2, terms).
    func termEnd(days: Int) -> Instant {
        zone.endOfDay(zone.day(of: now.business).adding(days: days).endOfMonth)
    }
}
