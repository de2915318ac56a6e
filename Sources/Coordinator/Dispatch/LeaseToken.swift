import Crypto

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
            text.append(contentsOf: String(field).utf8)
            text.append(UInt8(ascii: "."))
        }
    }

    /// The whole text as bytes.
    private func bytes(agency: Int32, key: TokenKey) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(Self.longestText)
        appendHead(to: &text)
        var signed = Array("\(agency).".utf8)
        signed.append(contentsOf: text.dropLast())
        Self.appendBase64(key.mac(of: signed), to: &text)
        return text
    }

    /// The text handed to an agency.
    package func text(agency: Int32, key: TokenKey) -> String {
        String(decoding: bytes(agency: agency, key: key), as: UTF8.self)
    }

    /// Reads a token's fields without believing them; nil: malformed.
    package init?(unverified text: some StringProtocol) {
        guard text.utf8.count <= Self.longestText else { return nil }
        let fields = text.split(separator: ".", omittingEmptySubsequences: false)
        guard fields.count == 7, fields[0] == "v1", let kid = Int32(fields[1]), let part = Int32(fields[2]), let debtor = Int64(fields[3]),
            let task = Int64(fields[4]), let epoch = Int32(fields[5]), part >= 0, epoch > 0
        else { return nil }
        self.init(kid: kid, part: part, debtorId: debtor, taskId: task, epoch: epoch)
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
