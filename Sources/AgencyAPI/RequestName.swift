import HTTPTypes
import Hummingbird

/// The name of a request in logs and problems: the caller's, if it is a harmless one, else made here.
enum RequestName {
    /// `X-Request-Id`.
    static let header = HTTPField.Name("X-Request-Id")!

    /// Names the request.
    static func of(_ request: Request) -> String {
        if let given = request.headers[header], isHarmless(given) { return given }
        return String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// Letters, digits, dot, dash and underscore only, so that nobody writes into our log what he likes.
    private static func isHarmless(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}
