import AsyncHTTPClient
import Coordinator
import Foundation
import NIOCore
import NIOHTTP1
import Subprocess

/// How a message reaches a system of the bank.
enum PortAdapter: Sendable {
    /// A shell command line per message, the message on its standard input; exit code 0: taken.
    case command(String)
    /// A POST per message with `Idempotency-Key`; 2xx: taken.
    case webhook(String)

    private static let patience: Int64 = 30

    /// Hands one message over.
    ///
    /// - Returns: false when the system refused it or was not reached; why is told on stderr, without the message.
    func send(_ order: PortOrder) async throws -> Bool {
        do {
            switch self {
            case .command(let line): return try await Self.run(line, order)
            case .webhook(let url): return try await Self.post(url, order)
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            Terminal.note("message \(order.messageId) (\(order.kind)): \(error)")
            return false
        }
    }

    private static func run(_ line: String, _ order: PortOrder) async throws -> Bool {
        let result = try await Subprocess.run(
            .name("timeout"), arguments: ["\(patience)", "sh", "-c", line],
            input: .fileDescriptor(try UnnamedFile.holding(order.json + [UInt8(ascii: "\n")]), closeAfterSpawningProcess: true),
            output: .discarded,
            error: .string(limit: 1 << 16))
        guard !result.terminationStatus.isSuccess else { return true }
        Terminal.note(
            "message \(order.messageId) (\(order.kind)): the command \(result.terminationStatus) \(result.standardError.prefix(300))")
        return false
    }

    private static func post(_ url: String, _ order: PortOrder) async throws -> Bool {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "idempotency-key", value: order.messageId)
        request.body = .bytes(ByteBuffer(bytes: order.json))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(patience))
        if (200..<300).contains(response.status.code) { return true }
        Terminal.note("message \(order.messageId) (\(order.kind)): answered \(response.status.code)")
        return false
    }
}
