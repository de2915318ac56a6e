import Foundation

extension CanonicalJSON {
    /// Reads JSON that was stored; numbers are integers, as everywhere in canonical JSON.
    ///
    /// - Throws: `DecodingError` when it is none.
    package init(parsing text: String) throws {
        self = try JSONDecoder().decode(Parsed.self, from: Data(text.utf8)).value
    }

    private struct Parsed: Decodable {
        let value: CanonicalJSON

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            // JSON says by its form what it is: each kind is tried, and the last one's failure is the error.
            if container.decodeNil() {
                value = .null
            } else if let object = try? container.decode([String: Parsed].self) {
                value = .object(of: object.mapValues(\.value))
            } else if let array = try? container.decode([Parsed].self) {
                value = .array(array.map(\.value))
            } else if let flag = try? container.decode(Bool.self) {
                value = .bool(flag)
            } else if let number = try? container.decode(Int64.self) {
                value = .int(number)
            } else {
                value = .string(try container.decode(String.self))
            }
        }
    }
}
