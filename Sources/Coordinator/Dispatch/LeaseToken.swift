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

    /// The fields before the MAC.
    private var head: String { "v1.\(kid).\(part).\(debtorId).\(taskId).\(epoch)" }

    private func mac(agency: Int32, key: TokenKey) -> [UInt8] { key.mac(of: "\(agency).\(head)") }

    /// The text handed to an agency.
    package func text(agency: Int32, key: TokenKey) -> String {
        "\(head).\(Self.base64(mac(agency: agency, key: key)))"
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
        let expected = Array(self.text(agency: agency, key: key).utf8)
        let given = Array(text.utf8)
        guard given.count == expected.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(given, expected) { difference |= left ^ right }
        return difference == 0
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
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
        return String(decoding: text, as: UTF8.self)
    }
}

/// A secret that signs tokens.
package struct TokenKey: Sendable {
    private let key: SymmetricKey

    /// A key of 32 random bytes.
    package init(secret: [UInt8]) {
        key = SymmetricKey(data: secret)
    }

    /// The first 16 bytes of HMAC-SHA-256 over a text.
    fileprivate func mac(of text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key).prefix(16))
    }
}
