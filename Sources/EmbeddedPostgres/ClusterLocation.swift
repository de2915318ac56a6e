import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where the files of a private cluster are.
///
/// Normally below the directory named (`.recourse`). Where the server runs as another user who cannot enter that directory (below
/// `/root`, or a home that is closed), the server's own files go to `/var/tmp/recourse-<hash>`, and a file `location` points there.
package struct ClusterLocation: Hashable, Sendable {
    /// The directory named: keys, and the pointer if there is one. Absolute.
    package let directory: String
    /// The directory of the server's own files.
    package let base: String
    /// Where the socket goes if a path below `base` would be too long; nil: below `base`.
    package let socketDirectory: String?

    private static let pointer = "location"

    /// Finds or chooses the location, and makes the directory.
    package static func resolve(directory: String, account: ServerAccount) throws -> ClusterLocation {
        let absolute = URL(fileURLWithPath: directory).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(atPath: absolute, withIntermediateDirectories: true)
        } catch {
            throw EmbeddedPostgresError.directory(path: absolute, reason: "it cannot be made")
        }
        let base = try base(below: absolute, account: account)
        var socketDirectory: String?
        if (base + "/socket").utf8.count > PostgresServer.longestSocketDirectory {
            let short = "/tmp/recourse-\(hash(absolute))"
            try account.makeDirectory(short)
            socketDirectory = short
        }
        return ClusterLocation(directory: absolute, base: base, socketDirectory: socketDirectory)
    }

    private static func base(below directory: String, account: ServerAccount) throws -> String {
        let pointerFile = directory + "/" + pointer
        if let data = FileManager.default.contents(atPath: pointerFile) {
            let base = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            if FileManager.default.fileExists(atPath: base) { return base }
            // Temporary files are cleaned away on some systems: what the pointer names is gone, and with it the data. Start anew.
        }
        let inside = directory + "/postgres"
        if FileManager.default.fileExists(atPath: inside + "/data/PG_VERSION") || account.canEnter(directory) { return inside }
        let outside = "/var/tmp/recourse-\(hash(directory))"
        try account.makeDirectory(outside)
        try Data((outside + "\n").utf8).write(to: URL(fileURLWithPath: pointerFile), options: .atomic)
        return outside
    }

    /// FNV-1a of the directory's path: the same directory finds its files again.
    private static func hash(_ text: String) -> String {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
