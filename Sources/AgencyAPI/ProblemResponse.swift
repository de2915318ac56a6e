import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import WireTypes

/// Writes a ``Problem`` as an HTTP response.
enum ProblemResponse {
    /// The response, with the headers its status calls for.
    static func make(_ problem: Problem, requestId: String, allow: HTTPRequest.Method?) -> Response {
        var problem = problem
        problem.requestId = requestId
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        if let allow { headers[.allow] = allow.rawValue }
        if let wait = problem.retryAfterMs {
            headers[.retryAfter] = String((wait + 999) / 1000)
        } else if problem.status == 429 || problem.status == 503 {
            headers[.retryAfter] = "1"
        }
        return Response(
            status: .init(code: problem.status), headers: headers, body: .init(byteBuffer: bytes(of: problem)))
    }

    private static func bytes(of problem: Problem) -> ByteBuffer {
        do {
            return try RequestDecoding.encode(problem)
        } catch {
            // Strings, integers and arrays of them always encode; a fixed body keeps the answer whole should that ever change.
            return ByteBuffer(string: "{\"type\":\"\(ProblemType.internalError.uri)\",\"status\":500}")
        }
    }
}
