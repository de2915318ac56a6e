extension PolicyScope {
    static func read(_ keys: inout PolicyKeys) throws -> PolicyScope {
        let actors = try keys.required("applies_to_actors")
        var scope = PolicyScope(appliesToBank: false, appliesToAgencies: false, onMissingFact: .block, onExceed: .block)
        for item in try actors.items() {
            switch try item.string() {
            case "bank": scope.appliesToBank = true
            case "agency": scope.appliesToAgencies = true
            case let other: throw item.fault("expected one of bank, agency, found '\(other)'")
            }
        }
        guard scope.appliesToBank || scope.appliesToAgencies else { throw actors.fault("expected at least one of bank, agency") }
        scope.onMissingFact = try keys.optional("on_missing_fact")?.word() ?? .block
        scope.onExceed = try keys.optional("on_exceed")?.word() ?? .block
        return scope
    }
}

extension TimeRules {
    static func read(_ keys: inout PolicyKeys, parent: TimeRules?) throws -> TimeRules {
        let modeKey = try keys.optional("time_zone_mode")
        let zoneKey = try keys.optional("policy_time_zone")
        let mode: TimeZoneMode
        var zone: Zone?
        if let modeKey {
            mode = try modeKey.word()
            if mode == .fixed {
                guard let zoneKey else { throw keys.fault("missing key 'policy_time_zone', which the mode fixed needs") }
                zone = try zoneKey.zone()
            } else if let zoneKey {
                throw zoneKey.fault("expected null unless time_zone_mode is fixed")
            }
        } else if let parent, zoneKey == nil {
            mode = parent.mode
            zone = parent.zone
        } else {
            throw keys.fault("missing key 'time_zone_mode'")
        }
        let windows = try keys.optional("contact_windows")?.list(ContactWindow.read) ?? []
        let holiday = try keys.optional("holiday_mode")
        let calendar = try keys.optional("holiday_calendar")?.string()
        let consent = try keys.optional("window_consent")?.mapping { consent in
            WindowConsentRule(
                allowed: try consent.required("allowed").bool(), needsRecord: try consent.optional("needs_record")?.bool() ?? false,
                narrowsOnly: try consent.optional("narrows_only")?.bool() ?? false, basis: consent.basis)
        }
        return TimeRules(
            mode: mode, zone: zone, windows: windows, holidayMode: try holiday?.word() ?? .normal, holidayCalendar: calendar,
            consent: consent)
    }
}

extension PolicyReader {
    /// An IANA zone name.
    func zone() throws(PolicyError) -> Zone {
        let name = try string()
        guard let zone = Zone(identifier: name) else { throw fault("unknown time zone '\(name)'") }
        return zone
    }

    /// A list of words `mon` to `sun` as bits.
    func weekdays() throws(PolicyError) -> UInt8 {
        let days = try words(Weekday.self)
        guard !days.isEmpty else { throw fault("expected at least one weekday") }
        return days.reduce(0) { $0 | 1 << UInt8($1.index) }
    }
}

extension ContactWindow {
    static func read(_ reader: PolicyReader) throws -> ContactWindow {
        try reader.mapping { keys in
            let window = ContactWindow(
                channels: try keys.required("channels").channels(), place: try keys.optional("place")?.word() ?? .any,
                weekdays: try keys.required("weekdays").weekdays(), start: try keys.required("start").time(),
                end: try keys.required("end").time(), basis: keys.basis)
            guard window.start < window.end else { throw keys.fault("start must lie before end") }
            return window
        }
    }
}
