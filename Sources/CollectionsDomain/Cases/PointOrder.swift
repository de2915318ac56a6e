/// Which point comes next: the bank's order, with locked kinds left out until the debtor is lost (DOMAIN section 2, roles and points).
package enum PointOrder {
    /// The kind of a telephone in the policy's order; `nil`: it is never dialled by an agency.
    package static func kind(of point: ContactPoint) -> StagePolicy.ContactKind? {
        guard point.channel.isPhone, !point.channel.isWorkplace else { return nil }
        switch point.role {
        case .debtor: return point.channel == .mobile ? .mobile : .homePhone
        case .spouse, .family: return point.immediateFamily || point.role == .spouse ? .immediateFamily : .reference
        case .emergencyContact: return .reference
        case .guarantor, .employer, .colleague, .attorney, .debtAdviser: return nil
        }
    }

    /// The debtor's own numbers that may be dialled, in order.
    package static func debtorNumbers(_ points: [ContactPoint], policy: StagePolicy) -> [ContactPoint] {
        ordered(points, policy: policy) { !policy.lockedUntilLost.contains($0) }
    }

    /// Third parties that may be dialled while the debtor is lost, in order: never somebody to whom the message was given already.
    package static func unlockedThirdParties(_ points: [ContactPoint], history: [ContactFact], policy: StagePolicy) -> [ContactPoint] {
        let reached = Set(history.filter { $0.role != .debtor && $0.outcome == .conversation }.compactMap(\.point))
        let persons = Set(points.filter { reached.contains($0.id) }.map(\.person))
        return ordered(points, policy: policy) { policy.lockedUntilLost.contains($0) }.filter { !persons.contains($0.person) }
    }

    /// Representatives who may be called.
    package static func representatives(_ points: [ContactPoint]) -> [ContactPoint] {
        points.filter { $0.role.isRepresentative && $0.isUsable && $0.channel.isPhone }.sorted(by: before)
    }

    /// Where a message may be sent: the debtor's mobiles, in order.
    package static func mobiles(_ points: [ContactPoint]) -> [ContactPoint] {
        points.filter { $0.role == .debtor && $0.channel == .mobile && $0.isUsable }.sorted(by: before)
    }

    /// Where an e-mail may be sent.
    package static func mailboxes(_ points: [ContactPoint]) -> [ContactPoint] {
        points.filter { $0.role == .debtor && $0.channel == .email && $0.isUsable }.sorted(by: before)
    }

    /// Addresses a letter may go to, in the policy's order; an empty list of channels allows any.
    package static func letterAddresses(_ points: [ContactPoint], allowed: [ContactPoint.Channel]) -> [ContactPoint] {
        let channels = allowed.isEmpty ? [.billingAddress, .homeAddress, .otherAddress] : allowed
        return channels.flatMap { channel in
            points.filter { $0.role == .debtor && $0.channel == channel && $0.isUsable }.sorted(by: before)
        }
    }

    /// Addresses a visitor may go to: home first, then the billing address.
    package static func visitAddresses(_ points: [ContactPoint]) -> [ContactPoint] {
        [ContactPoint.Channel.homeAddress, .billingAddress, .otherAddress].flatMap { channel in
            points.filter { $0.role == .debtor && $0.channel == channel && $0.isUsable && !$0.visitsOff }.sorted(by: before)
        }
    }

    /// The point after `current` in `list`, the first one again after the last.
    package static func next(after current: Int64?, in list: [ContactPoint]) -> ContactPoint? {
        guard let index = list.firstIndex(where: { $0.id == current }) else { return list.first }
        return list[(index + 1) % list.count]
    }

    private static func ordered(_ points: [ContactPoint], policy: StagePolicy, _ isAsked: (StagePolicy.ContactKind) -> Bool)
        -> [ContactPoint]
    {
        policy.contactOrder.filter(isAsked).flatMap { wanted in
            points.filter { $0.isUsable && kind(of: $0) == wanted }.sorted(by: before)
        }
    }

    private static func before(_ left: ContactPoint, _ right: ContactPoint) -> Bool { (left.rank, left.id) < (right.rank, right.id) }
}
