import Crypto
import Foundation

/// Seals personal data for the database and makes the blind indexes it is found by.
///
/// A sealed value is one byte naming the key, then AES-256-GCM's nonce (12 bytes), ciphertext and tag (16 bytes); the key's byte is
/// authenticated too. The blind index is HMAC-SHA-256 under a key of its own, truncated to 16 bytes: equal values have equal indexes, and
/// nobody without the key can try out numbers. Both keys are derived (HKDF-SHA-256) from one 32-byte data key.
package struct PersonalCipher: Sendable {
    /// The length of a data key in bytes.
    package static let keyBytes = 32
    /// The length of a blind index in bytes.
    package static let blindIndexBytes = 16

    private struct Keys: Sendable {
        let sealing: SymmetricKey
        let indexing: SymmetricKey
        let fingerprint: [UInt8]

        init(dataKey: [UInt8]) {
            let root = SymmetricKey(data: dataKey)
            func derive(_ purpose: String) -> SymmetricKey {
                HKDF<SHA256>.deriveKey(
                    inputKeyMaterial: root, info: Array("recourse/1/\(purpose)".utf8), outputByteCount: PersonalCipher.keyBytes)
            }
            sealing = derive("seal")
            indexing = derive("index")
            fingerprint = Array(HMAC<SHA256>.authenticationCode(for: Array("fingerprint".utf8), using: derive("check")).prefix(8))
        }
    }

    private let keys: [UInt8: Keys]
    private let current: UInt8
    private let currentKeys: Keys

    /// A cipher with one key.
    ///
    /// - Parameters:
    ///   - dataKey: 32 random bytes.
    ///   - keyId: The byte that names it in sealed values.
    /// - Throws: ``PersonalCipherError/badKey`` for a key of another length.
    package init(dataKey: [UInt8], keyId: UInt8 = 1) throws(PersonalCipherError) {
        try self.init(dataKeys: [keyId: dataKey], current: keyId)
    }

    /// A cipher that seals with one key and opens what older ones sealed. Blind indexes are made with the current key.
    package init(dataKeys: [UInt8: [UInt8]], current: UInt8) throws(PersonalCipherError) {
        var keys: [UInt8: Keys] = [:]
        for (id, key) in dataKeys {
            guard key.count == Self.keyBytes else { throw .badKey }
            keys[id] = Keys(dataKey: key)
        }
        guard let currentKeys = keys[current] else { throw .unknownKey(current) }
        self.keys = keys
        self.current = current
        self.currentKeys = currentKeys
    }

    /// What tells one data key from another without revealing it (8 bytes): stored with the database, so that a wrong key is refused at
    /// the start and not found out when nothing opens.
    package var fingerprint: [UInt8] { currentKeys.fingerprint }

    /// Seals text for storage. Sealing the same text twice gives different bytes.
    package func seal(_ text: String) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(Array(text.utf8), using: currentKeys.sealing, authenticating: [current])
            guard let combined = box.combined else { preconditionFailure("a nonce of 12 bytes always combines") }
            return [current] + combined
        } catch {
            preconditionFailure("AES-GCM cannot refuse a 256-bit key and a fresh nonce")
        }
    }

    /// Opens what ``seal(_:)`` made.
    ///
    /// - Throws: ``PersonalCipherError``: an unknown key, or bytes that were changed. Neither carries the value.
    package func open(_ sealed: [UInt8]) throws(PersonalCipherError) -> String {
        guard let id = sealed.first else { throw .damaged }
        guard let keys = keys[id] else { throw .unknownKey(id) }
        let opened: Data
        do {
            opened = try AES.GCM.open(AES.GCM.SealedBox(combined: sealed.dropFirst()), using: keys.sealing, authenticating: [id])
        } catch {
            throw .damaged
        }
        return String(decoding: opened, as: UTF8.self)
    }

    /// The index a value is found by: 16 bytes. The caller brings the value into its normal form first (digits only, no blanks).
    package func blindIndex(_ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: currentKeys.indexing).prefix(Self.blindIndexBytes))
    }
}

/// Why personal data cannot be sealed or opened. Carries no data.
package enum PersonalCipherError: Error, Hashable, CustomStringConvertible {
    case badKey
    case unknownKey(UInt8)
    case damaged

    package var description: String {
        switch self {
        case .badKey: "the data key must be \(PersonalCipher.keyBytes) bytes (hint: openssl rand -base64 32)"
        case .unknownKey(let id): "personal data was sealed with key \(id), which this process does not hold"
        case .damaged: "sealed personal data does not open: it was changed, or the data key is another one"
        }
    }
}
