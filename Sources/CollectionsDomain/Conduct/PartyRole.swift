/// Who a person is to the debt.
package enum PartyRole: UInt8, NamedCode {
    /// Cardholder, consumer, customer.
    case debtor = 0
    case guarantor = 1
    case spouse = 2
    case parentOfMinor = 3
    case guardian = 4
    case executor = 5
    case family = 6
    case emergencyContact = 7
    case neighbour = 8
    case employer = 9
    case colleague = 10
    case attorney = 11
    case debtAdviser = 12
    case creditor = 13

    package static let names = [
        "debtor", "guarantor", "spouse", "parent_of_minor", "guardian", "executor", "family", "emergency_contact", "neighbour", "employer",
        "colleague", "attorney", "debt_adviser", "creditor",
    ]
}

extension PartyRole {
    /// What tells one person of a debtor's file from another where the bank's file gives role and rank of each contact point.
    ///
    /// The debtor is 0. Of guarantors, spouses and those who act for the debtor there is one of each as far as the file tells, so all of their
    /// points are one person's and count together, on the strict side. Relatives, references and people at work are told apart by the rank;
    /// rank 0 stands for one reached by chance.
    package func party(rank: Int16) -> PartyKey {
        switch self {
        case .debtor: 0
        case .guarantor, .spouse, .parentOfMinor, .guardian, .executor, .attorney, .debtAdviser, .creditor: PartyKey(rawValue) * 1_000
        case .family, .emergencyContact, .neighbour, .employer, .colleague: PartyKey(rawValue) * 1_000 + PartyKey(rank)
        }
    }
}

/// A set of roles.
package typealias RoleSet = CodeSet<PartyRole>

extension CodeSet<PartyRole> {
    /// Those who are neither asked to pay nor third parties: they act for somebody.
    static let professionals: RoleSet = [.attorney, .debtAdviser, .creditor]
}

/// One person in a debtor's file: 0 is the debtor, any other number a person the caller can tell apart, as ``PartyRole/party(rank:)`` does.
package typealias PartyKey = Int64

/// What a contact point is; the words are those of `contact_point.channel`.
package enum PointKind: UInt8, NamedCode {
    case mobile = 0
    case homePhone = 1
    case workPhone = 2
    case otherPhone = 3
    case email = 4
    case billingAddress = 5
    case homeAddress = 6
    case workAddress = 7
    case otherAddress = 8

    package static let names = [
        "mobile", "home_phone", "work_phone", "other_phone", "email", "billing_address", "home_address", "work_address", "other_address",
    ]

    /// Whether it reaches the person at a workplace.
    package var isWorkplace: Bool { self == .workPhone || self == .workAddress }
}
