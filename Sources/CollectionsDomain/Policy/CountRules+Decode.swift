extension FrequencyLimit {
    static func read(_ reader: PolicyReader) throws -> FrequencyLimit {
        try reader.mapping { keys in
            let id = try keys.required("id").identifier()
            let kind: WindowKind = try keys.required("window_kind").word()
            let length: Int
            switch kind {
            case .calendarDay, .week, .month: length = try keys.optional("window_len")?.int(1...1) ?? 1
            case .consecutiveDays: length = try keys.required("window_len").int(1...366)
            case .rollingHours: length = try keys.required("window_len").int(1...8_784)
            }
            let event: ContactEvent = try keys.required("event").code()
            let channelsKey = try keys.required("channels")
            let channels = try channelsKey.channels()
            guard channels.elements.contains(where: { event.isPossible(on: $0) }) else {
                throw channelsKey.fault("an act of these channels can never be the event '\(event.name)'")
            }
            return FrequencyLimit(
                id: id, event: event, channels: channels,
                max: try keys.required("max").int(0...1_000), windowKind: kind, windowLength: length,
                scope: try keys.required("scope").codes(), aggregation: try keys.required("aggregate_over").word(),
                exclusions: try keys.optional("exclusions")?.codes() ?? [], basis: keys.basis, rule: "frequency_limits." + id)
        }
    }
}

extension Cooldown {
    static func read(_ reader: PolicyReader) throws -> Cooldown {
        try reader.mapping { keys in
            let id = try keys.required("id").identifier()
            return Cooldown(
                id: id, trigger: try keys.required("trigger").code(), initiatedBy: try keys.optional("initiated_by")?.word() ?? .any,
                blocks: try keys.required("blocks").channels(), days: try keys.required("days").int(1...366),
                triggerDayIsDayOne: try keys.required("trigger_day_is_day_one").bool(), scope: try keys.required("scope").codes(),
                aggregation: try keys.required("aggregate_over").word(), excusedBy: try keys.optional("excused_by")?.codes() ?? [],
                basis: keys.basis, rule: "cooldowns." + id)
        }
    }
}
