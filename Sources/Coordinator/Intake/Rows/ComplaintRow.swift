package import CollectionsDomain

/// The columns of a complaints file (DOMAIN section 5).
package enum ComplaintColumn: String, ImportColumn {
    case complaintRef = "complaint_ref"
    case source
    case externalNo = "external_no"
    case receivedAt = "received_at"
    case debtorRef = "debtor_ref"
    case accountRef = "account_ref"
    case agency, code
    case textRef = "text_ref"

    package var isRequired: Bool {
        switch self {
        case .complaintRef, .source, .receivedAt, .debtorRef: true
        case .externalNo, .accountRef, .agency, .code, .textRef: false
        }
    }
}

/// One complaint.
package struct ComplaintRow: Hashable, Sendable {
    package var reference: String
    package var source: ComplaintSource
    package var externalNo: String?
    package var receivedAt: Instant
    package var debtorRef: String
    package var accountRef: String?
    package var agency: String?
    package var code: String?
    /// The text's reference in the bank's archive.
    package var textRef: String?

    /// Reads a row.
    ///
    /// - Parameter zone: The zone of a time without an offset.
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<ComplaintColumn>, zone: Zone) {
        guard reader.isWhole else { return nil }
        let reference = reader.reference(.complaintRef)
        let word = reader.requiredText(.source, longest: 20)
        let source = word.flatMap(ComplaintSource.init(word:))
        if word != nil, source == nil {
            reader.refuse(.source, "expected one of \(ComplaintSource.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        externalNo = reader.text(.externalNo, longest: 100)
        let receivedAt = reader.requiredInstant(.receivedAt, bareDays: zone, local: zone)
        let debtorRef = reader.reference(.debtorRef)
        accountRef = reader.text(.accountRef, longest: 100)
        agency = reader.text(.agency, longest: 100)
        code = reader.text(.code, longest: 100)
        textRef = reader.text(.textRef, longest: 200)
        guard reader.faults.isEmpty, let reference, let source, let receivedAt, let debtorRef else { return nil }
        self.reference = reference
        self.source = source
        self.receivedAt = receivedAt
        self.debtorRef = debtorRef
    }
}
