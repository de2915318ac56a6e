import Crypto
import WireTypes

/// What a lease token names: the grant and whose it is. Text: `v1.<kid>.<part>.<debtor>.<task>.<epoch>.<mac>`.
///
/// The MAC is the first 16 bytes of HMAC-SHA-256 over the agency and the preceding fields, base64url. No deadline is inside, since heartbeats
/// move it. The token is no credential: the agency comes from the credential and must fit the MAC.
package struct LeaseToken: Hashable, Sendable {
    /// The key that signed it.
    package var kid: Int32
    /// Lane.
    package var part: Int32
    /// The debtor, so that the debtor can be locked before the task is read.
    package var debtorId: Int64
    package var taskId: Int64
    /// The number of the grant.
    package var epoch: Int32

    /// A token by its fields.
    package init(kid: Int32, part: Int32, debtorId: Int64, taskId: Int64, epoch: Int32) {
        self.kid = kid
        self.part = part
        self.debtorId = debtorId
        self.taskId = taskId
        self.epoch = epoch
    }

    /// The longest text a token can have; longer ones are not looked at.
    static let longestText = 120

    /// The fields before the MAC, with the dot behind them.
    private func appendHead(to text: inout [UInt8]) {
        text.append(contentsOf: "v1.".utf8)
        for field in [Int64(kid), Int64(part), debtorId, taskId, Int64(epoch)] {
            text.append(decimal: field)
            text.append(UInt8(ascii: "."))
        }
    }

    /// The whole text as bytes.
    private func bytes(agency: Int32, key: TokenKey) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Self.longestText)
        appendHead(to: &text)
        var signed: [UInt8] = []
        signed.reserveCapacity(Self.longestText)
        signed.append(decimal: Int64(agency))
        signed.append(UInt8(ascii: "."))
        signed.append(contentsOf: text.dropLast())
        Self.appendBase64(key.mac(of: signed), to: &text)
        return text
    }

    /// The text handed to an agency.
    package func text(agency: Int32, key: TokenKey) -> String {
        String(decoding: bytes(agency: agency, key: key), as: UTF8.self)
    }

    /// Reads a token's fields without believing them; nil: malformed. Byte by byte: splitting the text took 2.2 % of the program's time in a run of
    /// lease and report, this 0.2 %.
    package init?(unverified text: some StringProtocol) {
        guard text.utf8.count <= Self.longestText else { return nil }
        var bytes = text.utf8.makeIterator()
        for expected in "v1.".utf8 where bytes.next() != expected { return nil }
        guard let kid = Self.number(&bytes).flatMap({ Int32(exactly: $0) }), let part = Self.number(&bytes).flatMap({ Int32(exactly: $0) }),
            let debtor = Self.number(&bytes), let task = Self.number(&bytes),
            let epoch = Self.number(&bytes).flatMap({ Int32(exactly: $0) }), epoch > 0
        else { return nil }
        while let byte = bytes.next() { if byte == UInt8(ascii: ".") { return nil } }  // the MAC is the last field
        self.init(kid: kid, part: part, debtorId: debtor, taskId: task, epoch: epoch)
    }

    /// Digits up to a dot; nil: something else, or more than the number holds.
    private static func number(_ bytes: inout some IteratorProtocol<UInt8>) -> Int64? {
        var number: Int64 = 0
        var count = 0
        while let byte = bytes.next() {
            if byte == UInt8(ascii: ".") { return count > 0 ? number : nil }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
            count += 1
        }
        return nil
    }

    /// Whether `text` is this token, signed for the agency: compared in constant time, over the one way to write it.
    func isSigned(_ text: some StringProtocol, agency: Int32, key: TokenKey) -> Bool {
        let expected = bytes(agency: agency, key: key)
        let given = Array(text.utf8)
        guard given.count == expected.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(given, expected) { difference |= left ^ right }
        return difference == 0
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func appendBase64(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count)) & 63])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count)) & 63]) }
    }
}

/// A secret that signs tokens.
package struct TokenKey: Sendable {
    /// The keyed hash before the first byte: copied for each token, because the two blocks of the key cost more than the token itself.
    private let keyed: HMAC<SHA256>

    /// A key of 32 random bytes.
    package init(secret: [UInt8]) {
        keyed = HMAC(key: SymmetricKey(data: secret))
    }

    /// The first 16 bytes of HMAC-SHA-256 over a text.
    fileprivate func mac(of text: [UInt8]) -> some Sequence<UInt8> {
        var hash = keyed
        hash.update(data: text)
        return hash.finalize().prefix(16)
    }
}
