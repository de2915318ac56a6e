import Foundation

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#elseif canImport(Darwin)
    package import Darwin
#endif

/// The user the server runs as. PostgreSQL refuses to run as root, so root hands it to somebody else.
package enum ServerAccount: Hashable, Sendable {
    /// The process's own user.
    case own
    /// Another user, reached with `setpriv`, which execs and so keeps the process id.
    case other(name: String, uid: uid_t, gid: gid_t)

    /// Names tried in order when the process is root. `postgres` comes with the server's package; `recourse` is made where it is missing.
    static let names = ["postgres", "recourse"]

    /// The account for this process.
    package static func find() throws(EmbeddedPostgresError) -> ServerAccount {
        guard geteuid() == 0 else { return .own }
        do {
            _ = try ChildProcess.output(of: ["setpriv", "--version"])
        } catch {
            throw .noUnprivilegedUser(
                reason: "the program setpriv is missing (hint: apt-get install util-linux, or run as an ordinary user)")
        }
        if let known = names.compactMap(lookUp).first { return known }
        do {
            _ = try ChildProcess.output(of: ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "recourse"])
        } catch {
            throw .noUnprivilegedUser(reason: "there is no user postgres or recourse, and useradd made none")
        }
        guard let made = lookUp("recourse") else { throw .noUnprivilegedUser(reason: "user recourse was made but is not found") }
        return made
    }

    private static func lookUp(_ name: String) -> ServerAccount? {
        guard let entry = getpwnam(name), entry.pointee.pw_uid != 0 else { return nil }
        return .other(name: name, uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
    }

    /// What a command line begins with so that the program runs as this user.
    package var prefix: [String] {
        switch self {
        case .own: []
        case .other(_, let uid, let gid): ["setpriv", "--reuid=\(uid)", "--regid=\(gid)", "--init-groups", "--"]
        }
    }

    /// The numeric user.
    var uid: uid_t {
        switch self {
        case .own: geteuid()
        case .other(_, let uid, _): uid
        }
    }

    /// Makes a directory that only this user (and root) can enter.
    package func makeDirectory(_ path: String) throws(EmbeddedPostgresError) {
        if mkdir(path, 0o700) == 0 {
            try own(path)
        } else if errno != EEXIST {
            throw .directory(path: path, reason: String(cString: strerror(errno)))
        }
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == uid else {
            throw .directory(path: path, reason: "it exists and is not a directory of the user the server runs as (hint: remove it)")
        }
    }

    /// Gives a file to this user.
    package func own(_ path: String) throws(EmbeddedPostgresError) {
        guard case .other(_, let uid, let gid) = self else { return }
        guard chown(path, uid, gid) == 0 else { throw .directory(path: path, reason: String(cString: strerror(errno))) }
    }

    /// Whether this user can enter a directory: asked of the system itself, because parents, groups and mounts all have a say.
    func canEnter(_ path: String) -> Bool {
        do {
            _ = try ChildProcess.output(of: prefix + ["sh", "-c", #"cd -- "$0""#, path])
            return true
        } catch {
            return false
        }
    }
}
