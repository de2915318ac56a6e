#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads a file from start to end in pieces of bounded size.
package struct FileChunks: ~Copyable {
    /// Bytes per piece: large enough that calls cost nothing, small enough to stay in cache.
    package static let chunkBytes = 256 << 10

    private let descriptor: Int32
    private let name: String

    /// Opens a file.
    ///
    /// - Throws: ``IntakeError/unreadable(file:reason:)``, also for directories.
    package init(path: String) throws(IntakeError) {
        name = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: Self.reason(errno)) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw .unreadable(file: path, reason: "it is a directory")
        }
        // A pipe has no size and can be read once only; it is read to its end and staged like any file.
        size = facts.st_mode & S_IFMT == S_IFREG ? Int64(facts.st_size) : nil
    }

    deinit { close(descriptor) }

    /// The file's size in bytes; nil for pipes.
    package let size: Int64?

    /// The next piece; empty at the end.
    package func next() throws(IntakeError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
            count = 0
            while true {
                let got = read(descriptor, buffer.baseAddress, buffer.count)
                if got >= 0 {
                    count = got
                    return
                }
                if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw .unreadable(file: name, reason: Self.reason(failure)) }
        return bytes
    }

    /// The system's words for an error number.
    static func reason(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
