/// Why a private PostgreSQL cannot be had. The text says what to do.
package enum EmbeddedPostgresError: Error, Hashable, CustomStringConvertible {
    /// No server programs of a supported version were found.
    case serverProgramsMissing(searched: [String])
    /// The data directory was made by another major version than the programs found.
    case otherVersion(data: Int, programs: Int)
    /// The process runs as root and there is nobody to hand the server to.
    case noUnprivilegedUser(reason: String)
    /// A directory cannot be made or used.
    case directory(path: String, reason: String)
    /// A program of PostgreSQL failed; the end of what it said.
    case programFailed(name: String, status: Int32, output: String)
    /// The server did not come up; the end of its log.
    case notReady(log: String)
    /// The server did not go down in time.
    case notStopped(pid: Int32)

    package var description: String {
        switch self {
        case .serverProgramsMissing(let searched):
            "cannot find the PostgreSQL server programs (initdb, postgres) of version \(PostgresBinaries.oldest) or later; searched "
                + searched.joined(separator: ", ")
                + " (hint: apt-get install postgresql, or name a database with --database-url or DATABASE_URL)"
        case .otherVersion(let data, let programs):
            "the private cluster was made by PostgreSQL \(data), found are the programs of \(programs) (hint: install postgresql-\(data))"
        case .noUnprivilegedUser(let reason):
            "PostgreSQL does not run as root, and no other user can be used: \(reason)"
        case .directory(let path, let reason): "cannot use directory \(path): \(reason)"
        case .programFailed(let name, let status, let output): "\(name) failed with status \(status): \(output)"
        case .notReady(let log): "the private PostgreSQL did not start; the end of its log: \(log)"
        case .notStopped(let pid): "the private PostgreSQL (process \(pid)) did not stop in time"
        }
    }
}
