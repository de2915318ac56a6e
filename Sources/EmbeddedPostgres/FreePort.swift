#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ports on the loopback interface.
package enum FreePort {
    /// A port nobody listens on at this moment, chosen by the system.
    package static func find() throws(EmbeddedPostgresError) -> Int {
        guard let port = bindOnce(0) else {
            throw .directory(path: "127.0.0.1", reason: "no free port: \(String(cString: strerror(errno)))")
        }
        return port
    }

    /// Whether `port` can be bound now.
    static func isFree(_ port: Int) -> Bool { bindOnce(port) != nil }

    private static func bindOnce(_ port: Int) -> Int? {
        #if canImport(Glibc)
            let type = Int32(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // As the server does: sessions that have just ended do not keep the port.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        return bound ? Int(in_port_t(bigEndian: address.sin_port)) : nil
    }
}
