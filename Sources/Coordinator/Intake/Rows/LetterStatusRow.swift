package import CollectionsDomain
import CollectionsStore

/// The columns of a letter-status file: the lettershop's and the post's word on printed letters (DOMAIN section 5).
package enum LetterStatusColumn: String, ImportColumn {
    case letterId = "letter_id"
    case mailNo = "mail_no"
    case status
    case statusAt = "status_at"
    case returnReason = "return_reason"
    case signedByKind = "signed_by_kind"

    package var isRequired: Bool {
        switch self {
        case .letterId, .status, .statusAt: true
        case .mailNo, .returnReason, .signedByKind: false
        }
    }
}

/// What became of one letter.
package struct LetterStatusRow: Hashable, Sendable {
    /// Raw values are the words of the file.
    package enum Status: String, CaseIterable, Sendable {
        case posted, delivered, returned
        case noTrace = "no_trace"
        case refusedDelivery = "refused_delivery"
        /// The lettershop did not make it.
        case rejected

        /// The result code it stands for.
        package var result: ResultCode {
            switch self {
            case .posted: .letterPosted
            case .delivered: .letterDelivered
            case .returned: .letterReturned
            case .noTrace: .letterNoTrace
            case .refusedDelivery: .letterRefusedDelivery
            case .rejected: .letterRejected
            }
        }
    }

    /// Why a letter came back.
    package enum ReturnReason: String, CaseIterable, Sendable { case moved, unknown, insufficient }
    /// Who signed for a letter.
    package enum Signer: String, CaseIterable, Sendable { case debtor, household, mailroom, other }

    package var letterId: Int64
    package var mailNo: String?
    package var status: Status
    package var statusAt: Instant
    package var returnReason: ReturnReason?
    package var signedBy: Signer?

    /// Reads a row.
    ///
    /// - Returns: nil if anything is wrong with it; the reader then holds what.
    package init?(_ reader: inout RowReader<LetterStatusColumn>) {
        guard reader.isWhole else { return nil }
        let reference = reader.reference(.letterId)
        let letterId = reference.flatMap { Int64($0) }
        if reference != nil, letterId == nil { reader.refuse(.letterId, "no letter's number") }
        mailNo = reader.text(.mailNo, longest: 100)
        let before = reader.faults.count
        let status = reader.word(.status, Status.self)
        if status == nil, reader.faults.count == before { reader.refuse(.status, "missing") }
        let statusAt = reader.requiredInstant(.statusAt)
        returnReason = reader.word(.returnReason, ReturnReason.self)
        signedBy = reader.word(.signedByKind, Signer.self)
        guard reader.faults.isEmpty, let letterId, let status, let statusAt else { return nil }
        self.letterId = letterId
        self.status = status
        self.statusAt = statusAt
    }
}
