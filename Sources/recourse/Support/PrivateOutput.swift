import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files with content that is not for everybody on the machine.
enum PrivateOutput {
    /// Writes a file that only its owner can read. It appears under its name whole, or not at all.
    ///
    /// - Throws: `UsageError` naming the file and the system's reason.
    static func write(_ bytes: [UInt8], to path: String) throws(UsageError) {
        let draft = "\(path).\(getpid()).draft"
        // Made for one reader from its first byte on.
        guard FileManager.default.createFile(atPath: draft, contents: Data(bytes), attributes: [.posixPermissions: 0o600]) else {
            throw UsageError("\(path): it cannot be written")
        }
        guard rename(draft, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw UsageError("\(path): \(reason)")
        }
    }
}
