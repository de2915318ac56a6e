import Glibc
import Synchronization

/// A TCP line to a server that can be cut as a cable is: nobody is told, and nothing that is sent arrives or is acknowledged any more.
///
/// A relay on the loopback. Cut means that the kernel drops whatever comes for the relay's end before TCP sees it, by a socket filter that keeps
/// nothing: keepalive probes and data stay without an answer, and no FIN or RST is sent.
final class CutLine: Sendable {
    struct Failure: Error { let what: String }

    let port: Int
    private let listener: Int32
    /// The ends towards the client, to cut.
    private let ends = Mutex<[Int32]>([])

    /// A line to the server at `port` of the loopback.
    init(to server: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isListening else { throw Failure(what: "cannot listen on the loopback") }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Self.thread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                var address = Self.loopback(port: server)
                let isConnected = withUnsafeMutablePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                    }
                }
                guard isConnected else {
                    close(client)
                    continue
                }
                ends.withLock { $0.append(client) }
                Self.thread { Self.pump(client, upstream) }
                Self.thread { Self.pump(upstream, client) }
            }
        }
    }

    /// From now on nothing of the client arrives.
    func cut() throws {
        struct Instruction {
            var code: UInt16
            var ifTrue: UInt8 = 0
            var ifFalse: UInt8 = 0
            var value: UInt32
        }
        struct Program {
            var count: UInt16
            var instructions: UnsafeMutablePointer<Instruction>
        }
        // BPF_RET | BPF_K with 0: keep no byte of any packet.
        var keepNothing = Instruction(code: 0x06, value: 0)
        let isCut = withUnsafeMutablePointer(to: &keepNothing) { instructions in
            var program = Program(count: 1, instructions: instructions)
            return ends.withLock { ends in
                ends.allSatisfy { setsockopt($0, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout<Program>.size)) == 0 }
            }
        }
        guard isCut else { throw Failure(what: "cannot attach a filter: errno \(errno)") }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        return address
    }

    /// Passes on what one end says until it ends; then the other one ends, too.
    private static func pump(_ from: Int32, _ to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0, buffer.withUnsafeBytes({ write(to, $0.baseAddress, count) }) == count else { break }
        }
        shutdown(to, Int32(SHUT_RDWR))
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { raw in
                raw.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue() }?.run()
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
