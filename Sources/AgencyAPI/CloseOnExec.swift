import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Keeps sockets out of child processes. A child that inherits the listening socket, or a caller's connection, holds it open long after this process
/// has closed it: the port stays taken, and the caller waits for an answer that nobody writes.
enum CloseOnExec {
    /// Marks the channel's socket. On the channel's event loop; a channel without a socket is left alone.
    static func mark(_ channel: any Channel) {
        do {
            _ = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
                _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            }
        } catch {
            // The channel is closed already, and its socket with it.
        }
    }
}
