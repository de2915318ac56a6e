package import CollectionsDomain

/// The columns of a contacts file.
package enum ContactColumn: String, ImportColumn {
    case debtorRef = "debtor_ref"
    case role, channel, value, rank, provenance
    case consentUntil = "consent_until"
    // Optional.
    case contactRef = "contact_ref"
    case kind
    case debtRelation = "debt_relation"
    case relation
    case doNotContactSince = "do_not_contact_since"
    case verifiedAt = "verified_at"
    case sourceDocument = "source_document"
    case consentScope = "consent_scope"

    package var isRequired: Bool {
        switch self {
        case .debtorRef, .role, .channel, .value, .provenance: true
        case .rank, .consentUntil, .contactRef, .kind, .debtRelation, .relation, .doNotContactSince, .verifiedAt, .sourceDocument,
            .consentScope:
            false
        }
    }

    package var isPersonal: Bool { self == .value }
}

/// One validated row of a contacts file.
package struct ContactRow: Hashable, Sendable {
    /// Who the bank's file says the person is (DOMAIN section 2, roles and points).
    package enum Role: String, CaseIterable, Sendable {
        case cardholder, guarantor, spouse, relative, employer, reference
        case supplementaryHolder = "supplementary_holder"
        case coBorrower = "co_borrower"

        /// The role in conduct rules.
        package var party: PartyRole {
            switch self {
            case .cardholder: .debtor
            case .guarantor, .coBorrower: .guarantor
            case .spouse: .spouse
            case .relative, .supplementaryHolder: .family
            case .employer: .employer
            case .reference: .emergencyContact
            }
        }

        /// How near the person is to the debtor, unless the file says otherwise.
        package var relation: Relation {
            switch self {
            case .cardholder: .self
            case .spouse: .immediateFamily
            case .guarantor, .coBorrower, .relative, .supplementaryHolder, .employer, .reference: .other
            }
        }

        /// Whether the person owes the debt, unless the file says otherwise: a spouse does not until a document makes her liable.
        package var debtRelation: DebtRelation {
            switch self {
            case .cardholder, .guarantor, .coBorrower: .liable
            case .spouse, .relative, .supplementaryHolder, .employer, .reference: .unrelated
            }
        }
    }

    /// Raw values are those of `contact_point.relation`.
    package enum Relation: String, CaseIterable, Sendable {
        case `self`
        case immediateFamily = "immediate_family"
        case other
    }

    /// Raw values are those of `contact_point.debt_relation`.
    package enum DebtRelation: String, CaseIterable, Sendable {
        case liable, related, unrelated
    }

    /// How the file names channels.
    package enum FileChannel: String, CaseIterable, Sendable {
        case mobile
        case workPhone = "work_phone"
        case homePhone = "home_phone"
        case phone, email, address
    }

    /// What an address is.
    package enum AddressKind: String, CaseIterable, Sendable {
        case billing, home, work
    }

    package var debtorRef: String
    /// The bank's key of the point, or (role, channel, rank): unique within the debtor.
    package var contactRef: String
    package var role: Role
    package var relation: Relation
    package var debtRelation: DebtRelation
    package var point: PointKind
    /// Personal; telephone numbers without blanks.
    package var value: String
    /// From 1, best first.
    package var rank: Int16
    /// Where the bank has it from.
    package var provenance: String
    package var doNotContactSince: Instant?
    package var verifiedAt: Instant?
    package var sourceDocument: String?
    package var consentUntil: Day?
    package var consentScope: String?

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<ContactColumn>) {
        guard reader.isWhole else { return nil }
        let debtorRef = reader.reference(.debtorRef)
        let role = Self.required(&reader, .role, Role.self)
        let channel = Self.required(&reader, .channel, FileChannel.self)
        let kind = reader.word(.kind, AddressKind.self)
        let point = channel.map { Self.point($0, kind) }
        let raw = reader.requiredText(.value, longest: 500)
        let value = raw.flatMap { raw in channel.flatMap { Self.normalised(raw, $0, &reader) } }
        let rank = reader.integer(.rank, Int16(1)...999)
        let provenance = reader.requiredText(.provenance, longest: 50)
        let ownRef = reader.text(.contactRef, longest: 100)
        let relation = reader.word(.relation, Relation.self)
        let debtRelation = reader.word(.debtRelation, DebtRelation.self)
        doNotContactSince = reader.instant(.doNotContactSince, bareDays: .utc)
        verifiedAt = reader.instant(.verifiedAt, bareDays: .utc)
        sourceDocument = reader.text(.sourceDocument, longest: 100)
        consentUntil = reader.day(.consentUntil)
        consentScope = reader.text(.consentScope, longest: 50)
        if kind != nil, let channel, channel != .address { reader.refuse(.kind, "only an address has a kind") }
        if let relation, let role, (relation == .self) != (role == .cardholder) { reader.refuse(.relation, "does not fit the role") }
        guard reader.faults.isEmpty, let debtorRef, let role, let channel, let point, let value, let provenance else { return nil }
        self.debtorRef = debtorRef
        self.role = role
        self.relation = relation ?? role.relation
        self.debtRelation = debtRelation ?? role.debtRelation
        self.point = point
        self.value = value
        self.rank = rank ?? 1
        self.provenance = provenance
        contactRef = ownRef ?? "\(role.rawValue)/\(channel.rawValue)/\(self.rank)"
    }

    /// An address is a home address unless its kind says otherwise.
    private static func point(_ channel: FileChannel, _ kind: AddressKind?) -> PointKind {
        switch channel {
        case .mobile: .mobile
        case .workPhone: .workPhone
        case .homePhone: .homePhone
        case .phone: .otherPhone
        case .email: .email
        case .address:
            switch kind {
            case .billing: .billingAddress
            case .work: .workAddress
            case .home, nil: .homeAddress
            }
        }
    }

    private static func required<Value: RawRepresentable<String> & CaseIterable>(
        _ reader: inout RowReader<ContactColumn>, _ column: ContactColumn, _ type: Value.Type
    ) -> Value? {
        let before = reader.faults.count
        let value = reader.word(column, type)
        if value == nil, reader.faults.count == before { reader.refuse(column, "missing") }
        return value
    }

    /// The value in its normal form, by which it is found again.
    private static func normalised(_ raw: String, _ channel: FileChannel, _ reader: inout RowReader<ContactColumn>) -> String? {
        switch channel {
        case .mobile, .workPhone, .homePhone, .phone:
            guard let number = phone(raw) else {
                reader.refuse(.value, "not a telephone number: + and 5 to 15 digits")
                return nil
            }
            return number
        case .email:
            guard isEmail(raw) else {
                reader.refuse(.value, "not an e-mail address")
                return nil
            }
            return raw
        case .address:
            return raw
        }
    }

    /// A number in international form without separators; nil for another shape. Whether the prefix is assigned is not asked.
    static func phone(_ raw: String) -> String? {
        var digits = ""
        for (index, character) in raw.utf8.enumerated() {
            switch character {
            case UInt8(ascii: "+") where index == 0: break
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.unicodeScalars.append(Unicode.Scalar(character))
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "("), UInt8(ascii: ")"): break
            default: return nil
            }
        }
        return raw.utf8.first == UInt8(ascii: "+") && (5...15).contains(digits.utf8.count) ? "+" + digits : nil
    }

    /// Shape only: one @ between a local part and a domain with a dot.
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (3...253).contains(parts[1].utf8.count) else { return false }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy { !$0.isEmpty } && !text.contains { $0.isWhitespace || $0 == "," || $0 == ";" }
    }
}
