import CollectionsDomain

/// Times and durations as people type them.
enum Reading {
    /// `2026-12-01T09:00:00+08:00`, or `2026-12-01` for its first instant in UTC.
    static func instant(_ text: String) -> Instant? {
        if let instant = Instant(iso8601: text) { return instant }
        return Day(iso: text).map { Instant(seconds: Int64($0.number) * 86_400) }
    }

    /// Bytes from hexadecimal digits; nil for anything else.
    static func hexadecimal(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// `90s`, `30m`, `2h`, `1d` and sums of them such as `1d12h`; nil for anything else.
    static func duration(_ text: String) -> Duration? {
        var total: Int64 = 0
        var number = ""
        var found = false
        for character in text {
            if character.isASCII, character.isNumber {
                number.append(character)
                continue
            }
            let unit: Int64
            switch character {
            case "s": unit = 1
            case "m": unit = 60
            case "h": unit = 3_600
            case "d": unit = 86_400
            default: return nil
            }
            guard let count = Int64(number), count <= 1_000_000_000 else { return nil }
            total += count * unit
            number = ""
            found = true
        }
        return found && number.isEmpty ? .seconds(total) : nil
    }
}
