// What a receipt keeps of the reported facts. New contact data are stored sealed, in a row of their own; the receipt, which is not sealed, says only
// that they came, whose they are and from where. Its hash is that of everything that was reported, so that the values can still be proved.

extension OutcomeItem {
    /// ``canonicalBytes`` with every new contact value left out.
    package var storedBytes: [UInt8] {
        guard newContactPoints?.isEmpty == false || representative?.contact != nil else { return canonicalBytes }
        var item = self
        item.newContactPoints = newContactPoints?.map(\.withoutValue)
        item.representative?.contact = representative?.contact?.withoutValue
        return item.canonicalBytes
    }
}

extension ActivityItem {
    /// ``canonicalBytes`` with every new contact value left out.
    package var storedBytes: [UInt8] {
        guard newContactPoints?.isEmpty == false || representative?.contact != nil else { return canonicalBytes }
        var item = self
        item.newContactPoints = newContactPoints?.map(\.withoutValue)
        item.representative?.contact = representative?.contact?.withoutValue
        return item.canonicalBytes
    }
}

extension NewContactPoint {
    /// The point without what it reaches.
    fileprivate var withoutValue: NewContactPoint {
        var point = self
        point.value = ""
        return point
    }
}
