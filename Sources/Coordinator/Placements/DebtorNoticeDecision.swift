import CollectionsDomain
package import CollectionsStore

/// What has to be done so that the debtor of a planned account knows which agency will call (DOMAIN section 2, debtor told before placement).
package enum DebtorNoticeDecision: Hashable, Sendable {
    /// The debtor knows, or word is on its way.
    case known
    /// A message to this contact point; counts from the moment it is handed to the bank's gateway.
    case sms(point: Int64)
    /// A letter; counts from its posting, which the bank reports.
    case letter
    /// Neither a number nor an address: the bank has to find one, or attest.
    case unreachable

    /// Decides for one account.
    ///
    /// - Parameters:
    ///   - agencyId: The agency that will call.
    ///   - notices: What was sent for the account before, the oldest first.
    ///   - attested: Whether an operator attested for the whole portfolio that the debtors know.
    package static func decide(
        _ addressee: DebtorNoticeQueries.Addressee, agencyId: Int32, notices: [DebtorNotice], attested: Bool
    ) -> DebtorNoticeDecision {
        if attested || addressee.outsourcingNoticeAt != nil { return .known }
        // A notice that names another agency tells the debtor nothing about this one.
        let own = notices.filter { $0.agencyId == nil || $0.agencyId == agencyId }
        if own.contains(where: { $0.state != .failed }) { return .known }
        let failed = Set(own.map(\.channel))
        if let point = addressee.mobilePointId, !failed.contains(DebtorNoticeChannel.sms.rawValue) { return .sms(point: point) }
        if addressee.hasAddress, !failed.contains(DebtorNoticeChannel.letter.rawValue) { return .letter }
        return .unreachable
    }
}

/// When the debtor of an account was told.
struct DebtorTold: Hashable, Sendable {
    /// The earliest instant at which the debtor is known to have been told; `nil`: not yet.
    var at: Instant?

    /// What is known of an account: the bank's file, the portfolio's attestation, or a notice that names the agency.
    init(
        outsourcingNoticeAt: Instant?, attestedFrom: Day?, notices: [DebtorNotice], agencyId: Int32, zone: Zone
    ) {
        var told = notices.filter { ($0.agencyId == nil || $0.agencyId == agencyId) && ($0.state == .sent || $0.state == .attested) }
            .compactMap(\.sentAt)
        if let outsourcingNoticeAt { told.append(outsourcingNoticeAt) }
        if let attestedFrom { told.append(zone.startOfDay(attestedFrom)) }
        at = told.min()
    }
}
