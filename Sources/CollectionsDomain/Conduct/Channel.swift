/// The six kinds of contact act.
package enum Channel: UInt8, NamedCode {
    /// A person or an AI talks.
    case call = 0
    /// A one-way voice notice.
    case noticeCall = 1
    case sms = 2
    case email = 3
    case letter = 4
    case visit = 5

    package static let names = ["call", "notice_call", "sms", "email", "letter", "visit"]

    /// Whether the act is a dial.
    package var isPhone: Bool { self == .call || self == .noticeCall }
}

/// A set of channels; policies also name the groups `phone`, `message` and `all`.
package typealias ChannelSet = CodeSet<Channel>

extension CodeSet<Channel> {
    /// `call` and `notice_call`.
    package static let phone: ChannelSet = [.call, .noticeCall]
    /// `sms` and `email`.
    package static let message: ChannelSet = [.sms, .email]

    /// The channels of a word: a channel or a group.
    package init?(word: String) {
        switch word {
        case "all": self = .all
        case "phone": self = .phone
        case "message": self = .message
        default:
            guard let channel = Channel(name: word) else { return nil }
            self = [channel]
        }
    }
}

extension PolicyReader {
    /// One channel or group.
    package func channelWord() throws(PolicyError) -> ChannelSet {
        let text = try string()
        guard let channels = ChannelSet(word: text) else {
            throw fault("expected one of \(Channel.names.joined(separator: ", ")), phone, message, all, found '\(text)'")
        }
        return channels
    }

    /// A list of channels and groups, not empty.
    package func channels() throws(PolicyError) -> ChannelSet {
        var set = ChannelSet()
        for item in try items() { set = set.union(try item.channelWord()) }
        guard !set.isEmpty else { throw fault("expected at least one channel") }
        return set
    }
}

/// From whom an act came.
package enum Direction: UInt8, NamedCode {
    case outbound = 0
    case inbound = 1

    package static let names = ["outbound", "inbound"]
}
