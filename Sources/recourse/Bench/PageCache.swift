import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What the system keeps of files in its memory.
enum PageCache {
    /// Drops what is kept of every file below a directory and is on disk already. Needs no rights but to read them.
    ///
    /// - Returns: The number of files; 0 where the system has no such call.
    static func drop(filesBelow directory: String) -> Int {
        #if os(Linux)
            var dropped = 0
            let files = FileManager.default.enumerator(atPath: directory)
            while let name = files?.nextObject() as? String {
                let file = open(directory + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                guard file >= 0 else { continue }
                if posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0 { dropped += 1 }
                close(file)
            }
            return dropped
        #else
            return 0
        #endif
    }
}
