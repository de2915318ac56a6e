package import CollectionsDomain

/// How a file writes dates, such as `yyyy-MM-dd`, `yyyyMMdd` or `dd/MM/yyyy HH:mm:ss`.
///
/// `yyyy`, `MM`, `dd`, `HH`, `mm` and `ss` stand for digits of that width; anything else stands for itself.
package struct DatePattern: Hashable, Sendable {
    private enum Piece: Hashable, Sendable {
        case year, month, day, hour, minute, second
        case literal(UInt8)

        var width: Int {
            switch self {
            case .year: 4
            case .month, .day, .hour, .minute, .second: 2
            case .literal: 1
            }
        }

        var isLiteral: Bool {
            if case .literal = self { true } else { false }
        }
    }

    private let pieces: [Piece]
    /// Whether the pattern has hours and minutes.
    package let hasTime: Bool

    /// The pattern of some text; nil if year, month or day is missing or stands twice.
    package init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        var pieces: [Piece] = []
        let tokens: [(String, Piece)] = [
            ("yyyy", .year), ("MM", .month), ("dd", .day), ("HH", .hour), ("mm", .minute), ("ss", .second),
        ]
        while let first = rest.first {
            if let (token, piece) = tokens.first(where: { rest.starts(with: $0.0.utf8) }) {
                guard !pieces.contains(piece) else { return nil }
                pieces.append(piece)
                rest = rest.dropFirst(token.utf8.count)
            } else {
                pieces.append(.literal(first))
                rest = rest.dropFirst()
            }
        }
        guard pieces.contains(.year), pieces.contains(.month), pieces.contains(.day) else { return nil }
        self.pieces = pieces
        hasTime = pieces.contains(.hour) && pieces.contains(.minute)
    }

    /// `yyyy-MM-dd`
    package static let iso = DatePattern(pieces: [.year, .literal(45), .month, .literal(45), .day])

    private init(pieces: [Piece]) {
        self.pieces = pieces
        hasTime = false
    }

    /// The date in `text`; nil if it has another form or names no day of the calendar.
    package func day(_ text: String) -> Day? { parts(text)?.day }

    /// The instant `text` names in `zone`, midnight where the pattern has no time.
    package func instant(_ text: String, in zone: Zone) -> Instant? {
        guard let (day, hour, minute, second) = parts(text), let time = TimeOfDay(minutes: hour * 60 + minute) else { return nil }
        return zone.instant(of: day, at: time) + .seconds(second)
    }

    private func parts(_ text: String) -> (day: Day, hour: Int, minute: Int, second: Int)? {
        var bytes = Array(text.utf8)[...]
        var year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0
        for piece in pieces {
            guard bytes.count >= piece.width else { return nil }
            if case .literal(let byte) = piece {
                guard bytes.first == byte else { return nil }
            }
            var value = 0
            for byte in bytes.prefix(piece.width) where !piece.isLiteral {
                guard byte >= 48, byte <= 57 else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            switch piece {
            case .year: year = value
            case .month: month = value
            case .day: day = value
            case .hour: hour = value
            case .minute: minute = value
            case .second: second = value
            case .literal: break
            }
            bytes = bytes.dropFirst(piece.width)
        }
        guard bytes.isEmpty, hour < 24, minute < 60, second < 60, let date = Day(year: year, month: month, day: day) else { return nil }
        return (date, hour, minute, second)
    }
}
