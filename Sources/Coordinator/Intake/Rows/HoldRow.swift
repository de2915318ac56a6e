package import CollectionsDomain

/// The columns of a holds file (DOMAIN section 5).
package enum HoldColumn: String, ImportColumn {
    case holdRef = "hold_ref"
    case scope, ref, type, from, until, action, by

    package var isRequired: Bool {
        switch self {
        case .holdRef, .scope, .ref, .type, .action: true
        case .from, .until, .by: false
        }
    }
}

/// A hold the bank sets or releases by file.
package struct HoldRow: Hashable, Sendable {
    /// Whom it is on.
    package enum Scope: String, CaseIterable, Sendable { case debtor, account }
    /// What is done.
    package enum Action: String, CaseIterable, Sendable { case set, release }

    package var holdRef: String
    package var scope: Scope
    package var ref: String
    package var type: HoldType
    package var from: Instant?
    package var until: Instant?
    package var action: Action
    /// Who at the bank: a staff number or a department.
    package var by: String?

    /// Reads a row.
    ///
    /// - Parameter zone: The zone of days and times without an offset.
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<HoldColumn>, zone: Zone) {
        guard reader.isWhole else { return nil }
        let holdRef = reader.reference(.holdRef)
        let scope = reader.requiredWord(.scope, Scope.self)
        let ref = reader.reference(.ref)
        let type = reader.requiredWord(.type, HoldType.self)
        from = reader.instant(.from, bareDays: zone, local: zone)
        until = reader.instant(.until, bareDays: zone, local: zone)
        let action = reader.requiredWord(.action, Action.self)
        by = reader.text(.by, longest: 100)
        if let from, let until, until <= from { reader.refuse(.until, "not after from") }
        if let type, HoldService.byEvents.contains(type) {
            reader.refuse(.type, "set and released by what happens to the case, not by file")
        }
        if let type, action == .release, HoldService.twoPersons.contains(type) {
            reader.refuse(.action, "two persons release such a hold: recourse hold release \(type.rawValue)")
        }
        guard reader.faults.isEmpty, let holdRef, let scope, let ref, let type, let action else { return nil }
        self.holdRef = holdRef
        self.scope = scope
        self.ref = ref
        self.type = type
        self.action = action
    }
}
