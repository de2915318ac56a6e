import CollectionsDomain
import CollectionsStore

/// What becomes of one planned account when its chunk is carried out.
enum ChunkStep: Hashable, Sendable {
    /// It is placed now.
    case place
    /// It stays open: the debtor was not told yet, or not long enough ago (`until`; `nil`: not told).
    case wait(until: Day?)
    /// It goes back to the pool for the next plan.
    case passOver(PlacementExclusion)
}

/// The planned accounts of one debtor, judged again under the debtor's lock: what was true when the plan was made may not be any more.
struct ChunkDebtor: Sendable {
    let debtorId: Int64
    /// What the plan holds of the debtor and is not done.
    let items: [PlanItemRow]
    /// The debtor as it stands now; accounts are those of ``items``.
    let facts: DebtorFacts
    /// The debtor's open case.
    let openCase: OpenCase?
    /// When the debtor was told, by account.
    let told: [Int64: DebtorTold]

    /// A case that is not closed.
    struct OpenCase: Hashable, Sendable {
        let caseId: Int64
        let agencyId: Int32
        let state: String
        let stage: Stage

        init(caseId: Int64, agencyId: Int32, state: String, stage: Stage) {
            self.caseId = caseId
            self.agencyId = agencyId
            self.state = state
            self.stage = stage
        }

        /// Whether accounts may still join it.
        var isEnding: Bool { state == CaseState.Code.recalling.rawValue || state == CaseState.Code.handover.rawValue }
    }
}

/// Decides what is written for a debtor of a chunk. Pure: the same facts give the same steps.
struct ChunkRules: Sendable {
    /// The rules of today.
    let rules: PlacementRules
    /// Whether the debtor has to be told before.
    let needsNotice: Bool
    let now: Instant
    let zone: Zone
    /// Agencies as they stand today, by id.
    let holders: [Int32: Holder]

    /// What becomes of each planned account of a debtor, in the order of its items.
    ///
    /// One holder per debtor (I6): an open case elsewhere, or one that is ending, bars the debtor.
    ///
    /// - Parameter room: Money each agency still has in this chunk, where its contract bounds it: balances may have grown since the plan.
    func steps(_ debtor: ChunkDebtor, room: inout [Int32: Int64]) -> [(item: PlanItemRow, step: ChunkStep)] {
        let accounts = Dictionary(debtor.facts.accounts.map { ($0.accountId, $0) }) { first, _ in first }
        let start = startStage(debtor)
        return debtor.items.map { item in
            guard let agencyId = item.agencyId, let account = accounts[item.accountId] else {
                return (item, .passOver(PlacementExclusion(.notOpen, "the account is not there any more")))
            }
            if let why = exclusion(of: account, to: agencyId, start: start, debtor) { return (item, .passOver(why)) }
            if needsNotice,
                let wait = Eligibility.notice(sentAt: debtor.told[item.accountId]?.at, now: now, policy: rules.intake, zone: zone)
            {
                return (item, .wait(until: wait.from))
            }
            if let left = room[agencyId] {
                guard account.balance <= left else {
                    return (item, .passOver(PlacementExclusion(.capacityAmount, "the balance has grown beyond what was kept free")))
                }
                room[agencyId] = left - account.balance
            }
            return (item, .place)
        }
    }

    /// Where the work of a debtor begins: in the case's stage if there is one, at the handed-over stage, else at the beginning.
    func startStage(_ debtor: ChunkDebtor) -> Stage {
        if let open = debtor.openCase { return open.stage }
        return debtor.facts.accounts.contains { rules.isHandover($0, in: debtor.facts) } ? .fieldVisit : .informationGathering
    }

    private func exclusion(of account: CandidateAccount, to agencyId: Int32, start: Stage, _ debtor: ChunkDebtor) -> PlacementExclusion? {
        if let why = rules.exclusion(of: account, in: debtor.facts) { return why }
        if let open = debtor.openCase, open.agencyId != agencyId || open.isEnding {
            return PlacementExclusion(.debtorAtOtherHolder, "the debtor has a case with another agency, or one that is ending")
        }
        guard let holder = holders[agencyId] else { return PlacementExclusion(.contract, "the agency is not there any more") }
        if let code = holder.exclusion { return PlacementExclusion(code) }
        guard var placeable = rules.placeable(account, in: debtor.facts) else { return PlacementExclusion(.notOpen) }
        placeable.startStage = debtor.openCase == nil ? start : .informationGathering
        if let code = holder.offer.exclusion(of: placeable), debtor.openCase == nil || code != .repeatHolder {
            return PlacementExclusion(code)
        }
        return nil
    }
}
