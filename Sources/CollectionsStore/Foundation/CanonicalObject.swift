#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The entries of a ``CanonicalJSON`` object, kept in the order they are written in: by their keys' UTF-8 bytes, each key once.
///
/// Not a dictionary: every outcome writes an audit body of some ten entries, and hashing their keys and sorting them again took 3 % of the coordinator.
package struct CanonicalObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// One entry.
    package struct Entry: Hashable, Sendable {
        package let key: String
        package fileprivate(set) var value: CanonicalJSON
    }

    /// The entries, in order.
    package private(set) var entries: [Entry] = []

    /// No entries.
    package init() {}

    /// Entries in any order; of two with one key the later one stands.
    package init(_ elements: [(String, CanonicalJSON)]) {
        entries.reserveCapacity(elements.count)
        for (key, value) in elements { self[key] = value }
    }

    package init(dictionaryLiteral elements: (String, CanonicalJSON)...) { self.init(elements) }

    /// The value under a key; nil: there is none.
    package subscript(key: String) -> CanonicalJSON? {
        get { entries.first { Self.order($0.key, key) == 0 }?.value }
        set {
            // From the end: who writes keys in order appends.
            var index = entries.count
            var order = -1
            while index > 0 {
                order = Self.order(entries[index - 1].key, key)
                if order <= 0 { break }
                index -= 1
            }
            let isThere = index > 0 && order == 0
            switch (isThere, newValue) {
            case (true, let value?): entries[index - 1].value = value
            case (true, nil): entries.remove(at: index - 1)
            case (false, let value?): entries.insert(Entry(key: key, value: value), at: index)
            case (false, nil): break
            }
        }
    }

    /// Negative, zero or positive, as the UTF-8 bytes of one key are before, the same as, or behind those of another. In place: walking the views
    /// byte by byte is a call for each.
    private static func order(_ left: String, _ right: String) -> Int {
        var (left, right) = (left, right)
        return left.withUTF8 { one in
            right.withUTF8 { two in
                guard let first = one.baseAddress, let second = two.baseAddress else { return one.count - two.count }
                let shared = memcmp(first, second, min(one.count, two.count))
                return shared != 0 ? Int(shared) : one.count - two.count
            }
        }
    }
}
