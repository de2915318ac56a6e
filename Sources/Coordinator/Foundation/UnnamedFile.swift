import Foundation
package import SystemPackage

/// Input of another program as a file without a name. Not a pipe: a program that ends without reading one broke it, and Subprocess 1.0.2 then ended
/// this process (1 of 8 messages to `exit 7` on a busy machine).
package enum UnnamedFile {
    /// A file that only its descriptor reaches, with these bytes, to be read from the start. Close it.
    package static func holding(_ bytes: [UInt8]) throws -> SystemPackage.FileDescriptor {
        let path = FilePath(NSTemporaryDirectory() + "/recourse-\(UUID().uuidString)")
        let file = try SystemPackage.FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
        do {
            try FileManager.default.removeItem(atPath: path.string)
            try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try file.close()
            throw error
        }
    }
}
