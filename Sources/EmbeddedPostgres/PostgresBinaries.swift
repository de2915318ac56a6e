import Foundation

/// The server programs of one PostgreSQL version.
package struct PostgresBinaries: Hashable, Sendable {
    /// The directory that holds `initdb` and `postgres`.
    package let directory: String
    /// The major version.
    package let major: Int

    /// The oldest version the schema runs on (`CREATE DATABASE … STRATEGY`, `SECURITY` and partition features in use).
    package static let oldest = 15

    /// The path of one program.
    package func program(_ name: String) -> String { directory + "/" + name }

    /// Finds the newest supported version, or, where a data directory exists already, the version that made it.
    ///
    /// Looks in the Debian and Red Hat locations, then in `PATH`.
    /// - Parameter path: The value of `PATH`.
    /// - Throws: ``EmbeddedPostgresError/serverProgramsMissing(searched:)`` or ``EmbeddedPostgresError/otherVersion(data:programs:)``.
    package static func find(path: String, dataVersion: Int? = nil) throws(EmbeddedPostgresError) -> PostgresBinaries {
        let found = candidates(path: path).compactMap(read).filter { $0.major >= oldest }.sorted { $0.major > $1.major }
        guard let newest = found.first else {
            throw .serverProgramsMissing(searched: ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "PATH"])
        }
        guard let dataVersion else { return newest }
        guard let same = found.first(where: { $0.major == dataVersion }) else {
            throw .otherVersion(data: dataVersion, programs: newest.major)
        }
        return same
    }

    private static func candidates(path: String) -> [String] {
        var directories: [String] = []
        let manager = FileManager.default
        // Absent on other systems: nothing to look at.
        let versions = (try? manager.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        directories += versions.map { "/usr/lib/postgresql/\($0)/bin" }
        directories += (15...30).map { "/usr/pgsql-\($0)/bin" }
        directories += path.split(separator: ":").map(String.init)
        return directories
    }

    private static func read(_ directory: String) -> PostgresBinaries? {
        let manager = FileManager.default
        guard manager.isExecutableFile(atPath: directory + "/initdb"), manager.isExecutableFile(atPath: directory + "/postgres") else {
            return nil
        }
        // "postgres (PostgreSQL) 15.14 (Debian …)"
        // A program that does not run is no candidate.
        guard let said = try? ChildProcess.output(of: [directory + "/postgres", "--version"]),
            let number = said.split(separator: " ").first(where: { $0.first?.isNumber ?? false }),
            let major = Int(number.prefix { $0.isNumber })
        else { return nil }
        return PostgresBinaries(directory: directory, major: major)
    }
}
