/// The lanes of a database: how many there are, and which one a key belongs to.
///
/// Everything of one debtor stands in one lane, so that every count about a debtor is a transaction on one lane. The count is a power of
/// two, chosen by the first migration, stored in `setting`, and never changed.
///
/// - SeeAlso: Source: scale-out rules, section 1.
package struct Lanes: Hashable, Sendable {
    /// The number of lanes, a power of two in ``allowed``.
    package let count: Int32

    /// The lane counts that make sense: one node needs 16, a cluster of 16 nodes 256.
    package static let allowed: ClosedRange<Int32> = 1...1_024

    /// The count a database gets unless the first migration names another.
    package static let standard = Lanes(unchecked: 16)

    /// Lanes of that count; nil unless it is a power of two in ``allowed``.
    package init?(count: Int32) {
        guard Self.allowed.contains(count), count.nonzeroBitCount == 1 else { return nil }
        self.count = count
    }

    private init(unchecked count: Int32) {
        self.count = count
    }

    /// Every lane, in order.
    package var all: Range<Int32> { 0..<count }

    /// The lane of a debtor and of everything the debtor owns.
    package func part(of debtorId: Int64) -> Int32 {
        Int32(truncatingIfNeeded: debtorId & Int64(count - 1))
    }

    /// The lane of a row of the directory of business keys: fnv1a64 over kind, a zero byte, and the reference.
    package func refPart(kind: RefKind, ref: String) -> Int32 {
        var hash = FNV1a64()
        hash.combine(kind.rawValue.utf8)
        hash.combine(CollectionOfOne(0))
        hash.combine(ref.utf8)
        return Int32(truncatingIfNeeded: hash.value & UInt64(count - 1))
    }
}

/// The kinds of business keys the directory knows; raw values are the text of `ref.kind`.
package enum RefKind: String, CaseIterable, Sendable {
    case debtor, account, payment, contact, adjustment, event, complaint, report, invoice
}

/// The 64-bit FNV-1a hash: stable across processes and versions, unlike `Hasher`, and good enough to spread keys over lanes.
package struct FNV1a64: Sendable {
    /// The hash of what was combined so far.
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of nothing.
    package init() {}

    /// Adds bytes.
    package mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }
}
