import Crypto
import Foundation

/// SHA-256 as plain bytes.
package enum Digest {
    /// The length of a digest in bytes.
    package static let length = 32

    /// The digest of some bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: bytes))
    }

    /// The digest of text's UTF-8.
    package static func sha256(_ text: String) -> [UInt8] {
        sha256(Array(text.utf8))
    }

    /// Lower-case hexadecimal.
    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Reads hexadecimal; nil for anything else.
    package static func bytes(hex text: String) -> [UInt8]? {
        guard text.utf8.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text {
            guard character.isASCII, let digit = character.hexDigitValue else { return nil }
            if let upper = high {
                bytes.append(upper << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return bytes
    }
}

/// A bearer token: what is shown once, and the hash that is stored.
package struct NewToken: Sendable {
    /// What the holder keeps; shown once, never stored.
    package let text: String
    /// What the database keeps: SHA-256 of the text.
    package let hash: [UInt8]

    /// A fresh token of 32 random bytes (base64url) behind a prefix that says what it is for, e.g. `rop_` or `rag_`.
    package init(prefix: String) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let base64 = Data(bytes).base64EncodedString()
        text = prefix + base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        hash = Self.hash(of: text)
    }

    /// The hash a token is looked up by.
    package static func hash(of text: String) -> [UInt8] { Digest.sha256(text) }
}
