import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Small secrets in files only their owner can read.
enum PrivateFile {
    /// The content of a file, made with `fresh` where it is missing. Two processes at once agree on one content.
    static func read(_ path: String, orMake fresh: () -> [UInt8]) throws(EmbeddedPostgresError) -> [UInt8] {
        if let data = FileManager.default.contents(atPath: path) { return Array(data) }
        let temporary = path + ".\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .directory(path: temporary, reason: String(cString: strerror(errno))) }
        defer { unlink(temporary) }
        let bytes = fresh()
        let written = write(descriptor, bytes, bytes.count)
        guard written == bytes.count, fsync(descriptor) == 0, close(descriptor) == 0 else {
            throw .directory(path: temporary, reason: String(cString: strerror(errno)))
        }
        // A link is refused where the file exists by now: then the other process's content holds.
        guard link(temporary, path) == 0 || errno == EEXIST, let data = FileManager.default.contents(atPath: path) else {
            throw .directory(path: path, reason: String(cString: strerror(errno)))
        }
        return Array(data)
    }

    /// `count` bytes of the system's cryptographic generator.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
