extension StagePolicy {
    /// Reads the `stages:` section strictly: every key must be known and every rule stand there.
    ///
    /// Numbers are checked for a sensible range; what contradicts itself (windows that do not start at 0, a stage that leads to itself) is a
    /// fault too.
    ///
    /// - Throws: ``PolicyError`` with file, line and path.
    package init(reading reader: PolicyReader) throws {
        var policy = StagePolicy()
        try reader.mapping { keys in
            let unit = try keys.required("unit")
            guard try unit.string() == "case" else { throw unit.fault("the unit of work is the case") }
            try keys.required("amount_basis").mapping { basis in
                policy.amountCurrency = try basis.required("currency").currency()
                policy.onMissingRate = try basis.required("on_missing_rate").word()
            }
            let currency = policy.amountCurrency
            policy.intake = try keys.required("intake").mapping { intake in
                var value = Intake()
                value.minDpd = try intake.required("min_dpd").int(0...3_650)
                value.internalCollectionDone = try intake.required("internal_collection_done").bool()
                value.debtorNoticeDays = try intake.required("debtor_notice_days").int(0...90)
                value.termDays = try intake.required("term_days").int(1...1_830)
                return value
            }
            policy.ledger = try keys.required("ledger").mapping { ledger in
                var value = Ledger()
                value.maxAgeHours = try ledger.required("max_age_hours").int(1...720)
                value.onlyIfDailyFeed = try ledger.required("only_if_daily_feed").bool()
                value.blocks = Set(try ledger.required("blocks").list { try $0.stage() })
                value.paidClaimedBusinessDays = try ledger.required("paid_claimed_business_days").int(0...30)
                return value
            }
            policy.counting = try keys.required("counting").mapping { counting in
                var value = Counting()
                value.collections = try counting.required("collections").word()
                value.since = try counting.required("since").word()
                value.legalCollections = try counting.required("legal_collections").word()
                return value
            }
            policy.requestDays = try keys.required("requests").mapping { requests in
                var days: [RequestType: Int] = [:]
                for type in RequestType.allCases { days[type] = try requests.required(type.rawValue).int(1...90) }
                return days
            }
            policy.promise = try keys.required("promise").mapping { try Promise(reading: &$0) }
            policy.contactOrder = try keys.required("contact_order").words()
            policy.lockedUntilLost = Set(try keys.required("locked_until_lost").words(ContactKind.self))
            policy.lowRisk = try keys.required("segments").mapping { segments in
                try segments.required("low_risk").mapping { segment in
                    var value = LowRiskSegment()
                    value.steps = try segment.required("steps").list { try $0.stepOrStage() }
                    let factor = try segment.required("call_factor")
                    let hundredths = try factor.decimal(scale: 2)
                    guard (1...100).contains(hundredths) else { throw factor.fault("expected a factor above 0 and up to 1") }
                    value.callFactorHundredths = Int(hundredths)
                    return value
                }
            }
            try policy.readStages(keys.required("list"), currency: currency)
            policy.light = try keys.required("light_cadence").mapping { light in
                var value = LightCadence()
                value.callsPer7Days = try light.required("calls_per_7_days").int(1...7)
                value.lettersPerMonth = try light.required("letters_per_month").int(0...1)
                return value
            }
            policy.priorities = try keys.required("priorities").mapping { try Priorities(reading: &$0) }
            policy.retry = try keys.required("retry").mapping { retry in
                var value = Retry()
                value.expiredMinutes = try retry.required("expired_minutes").list { try $0.int(1...1_440) }
                let after = try retry.required("quarantine_after")
                value.quarantineAfter = try after.int(1...20)
                guard value.expiredMinutes.count >= value.quarantineAfter - 1 else {
                    throw after.fault("there are fewer waits in expired_minutes than retries before quarantine")
                }
                return value
            }
        }
        self = policy
    }

    private mutating func readStages(_ list: PolicyReader, currency: Currency) throws {
        let items = try list.items()
        guard items.count == Stage.allCases.count else { throw list.fault("expected the five stages in their order, found \(items.count)") }
        for (item, stage) in zip(items, Stage.allCases) {
            try item.mapping { keys in
                let named = try keys.required("stage")
                guard try named.stage() == stage else {
                    throw named.fault("expected \(stage.name) here: the five stages stand in their order")
                }
                switch stage {
                case .informationGathering: self.gathering = try InformationGathering(reading: &keys)
                case .phone: self.phone = try Phone(reading: &keys)
                case .letter: self.letter = try Letter(reading: &keys)
                case .fieldVisit: self.field = try FieldVisit(reading: &keys, currency: currency)
                case .legalReferral: self.legal = try LegalReferral(reading: &keys, currency: currency)
                }
            }
        }
    }
}

extension StagePolicy.Promise {
    fileprivate init(reading keys: inout PolicyKeys) throws {
        self.init()
        let windows = try keys.required("window_days")
        self.windows = try windows.list { item in
            try item.mapping {
                Window(collectionsFrom: try $0.required("collections_from").int(0...999), days: try $0.required("days").int(0...365))
            }
        }
        guard self.windows.first?.collectionsFrom == 0 else { throw windows.fault("the first window starts at collections_from 0") }
        for (left, right) in zip(self.windows, self.windows.dropFirst()) where right.collectionsFrom <= left.collectionsFrom {
            throw windows.fault("windows ascend by collections_from")
        }
        firstOffer = try keys.required("first_offer").word()
        partialFromPercent = try keys.required("partial_from_percent").int(1...100)
        maxBroken = try keys.required("max_broken").int(1...20)
        reminderOnDueDay = try keys.required("reminder_on_due_day").bool()
    }
}

extension StagePolicy.Lease {
    fileprivate init(reading reader: PolicyReader) throws {
        self = try reader.mapping { keys in
            var lease = Self(ttlMinutes: try keys.required("ttl_minutes").int(1...525_600))
            lease.heartbeatMinutes = try keys.optional("heartbeat_minutes")?.int(1...525_600)
            if let report = try keys.optional("report_after_window_minutes") { lease.reportAfterWindowMinutes = try report.int(0...240) }
            if let permit = try keys.optional("permit_at_act") { lease.permitAtAct = try permit.bool() }
            if let beat = lease.heartbeatMinutes, beat >= lease.ttlMinutes {
                throw keys.fault("heartbeat_minutes must be shorter than ttl_minutes")
            }
            return lease
        }
    }
}

extension StagePolicy.InformationGathering {
    fileprivate init(reading keys: inout PolicyKeys) throws {
        self.init()
        executor = try keys.required("executor").executor(.holder)
        lease = try StagePolicy.Lease(reading: try keys.required("lease"))
        maxDays = try keys.required("max_days").int(1...90)
        maxRounds = try keys.required("max_rounds").int(1...10)
        try keys.required("exit").mapping { exit in
            done = try exit.required("done").exit([.phone])
            noPhone = try exit.required("no_phone").exit([.letter])
            nothing = try exit.required("nothing").exit([.closeUntraceable])
        }
    }
}

extension StagePolicy.Phone {
    fileprivate init(reading keys: inout PolicyKeys) throws {
        self.init()
        executor = try keys.required("executor").executor(.holder)
        lease = try StagePolicy.Lease(reading: try keys.required("lease"))
        previous = try keys.required("entry").mapping { try $0.required("previous").stage() }
        let steps = try keys.required("steps")
        let items = try steps.items()
        guard items.count == 2 else { throw steps.fault("expected the steps sms_reminder and call") }
        reminder = try items[0].step(.smsReminder, channel: "sms") { step in
            var value = Reminder()
            let when = try step.required("when")
            try when.mapping { condition in
                let anyOf = try condition.required("any_of")
                let parts = try anyOf.items()
                guard parts.count == 3 else { throw anyOf.fault("expected dpd_max, failed_calls and segment") }
                value.dpdMax = try parts[0].mapping { try $0.required("dpd_max").int(0...3_650) }
                value.failedCalls = try parts[1].mapping { try $0.required("failed_calls").int(1...100) }
                value.lowRiskSegment = try parts[2].mapping { try $0.required("segment").string() } == "low_risk"
                guard value.lowRiskSegment else { throw parts[2].fault("the only segment with steps of its own is low_risk") }
            }
            value.maxPerDay = try step.required("max_per_day").int(1...20)
            value.maxPer7Days = try step.required("max_per_7_days").int(1...50)
            value.spacingDays = try step.required("spacing_days").int(0...30)
            return value
        }
        call = try items[1].step(.call, channel: "call") { step in
            var value = Call()
            value.dpdMin = try step.required("when").mapping { try $0.required("dpd_min").int(0...3_650) }
            value.maxPerPointDay = try step.required("max_per_point_day").int(1...50)
            value.maxPerPartyDay = try step.required("max_per_party_day").int(1...50)
            value.spacingMinutes = try step.required("spacing_minutes").int(0...1_440)
            value.afterTalkDays = try step.required("after_talk_days").int(0...90)
            value.maxAttempts = try step.required("max_attempts").int(1...999)
            value.maxTalks = try step.required("max_talks").int(1...99)
            return value
        }
        minDays = try keys.required("min_days").int(0...365)
        let most = try keys.required("max_days")
        maxDays = try most.int(1...365)
        guard maxDays >= minDays else { throw most.fault("max_days is below min_days") }
        maxIdleDays = try keys.required("max_idle_days").int(1...90)
        unsuccessful = try keys.required("exit").mapping { [try $0.required("unsuccessful").exit([.letter])] }
    }
}

extension StagePolicy.Letter {
    fileprivate init(reading keys: inout PolicyKeys) throws {
        self.init()
        executor = try keys.required("executor").executor(.bankLettershop)
        lease = try StagePolicy.Lease(reading: try keys.required("lease"))
        try keys.required("entry").mapping { entry in
            previousUnsuccessful = try entry.required("previous_unsuccessful").stage()
            validAddress = try entry.required("valid_address").bool()
        }
        let steps = try keys.required("steps")
        let items = try steps.items()
        guard items.count == 2 else { throw steps.fault("expected the steps registered_letter and call") }
        var read = self
        try items[0].step(.registeredLetter, channel: "letter") { step in
            read.mail = try step.required("mail").string()
            read.address = try step.required("address").word()
            read.perCalendarMonth = try step.required("per_calendar_month").int(1...5)
            read.spacingDays = try step.required("spacing_days").int(1...365)
            read.maxLetters = try step.required("max").int(1...24)
            read.answerDays = try step.required("answer_days").int(1...365)
            read.deliveredAnswerDays = try step.required("delivered_answer_days").int(1...365)
            read.noTraceDays = try step.required("no_trace_days").int(1...365)
        }
        read.call = try items[1].lightCall()
        self = read
        maxDays = try keys.required("max_days").int(1...365)
        unanswered = try keys.required("exit").mapping {
            try $0.required("unanswered").exits([.fieldVisit, .handover, .legalReferral, .lightCadence])
        }
    }
}

extension StagePolicy.FieldVisit {
    fileprivate init(reading keys: inout PolicyKeys, currency: Currency) throws {
        self.init()
        executor = try keys.required("executor").executor(.routeOrHandover)
        lease = try StagePolicy.Lease(reading: try keys.required("lease"))
        try keys.required("entry").mapping { entry in
            minAmount = try entry.required("min_amount").money(currency)
            lettersUnanswered = try entry.required("letters_unanswered").int(0...24)
            notHolds = Set(try entry.required("not_holds").words(HoldType.self))
        }
        let steps = try keys.required("steps")
        let items = try steps.items()
        guard items.count == 2 else { throw steps.fault("expected the steps visit and call") }
        var read = self
        try items[0].step(.visit, channel: "visit") { step in
            read.maxVisits = try step.required("max").int(1...20)
            read.spacingDays = try step.required("spacing_days").int(1...365)
            read.absentSpacingDays = try step.required("absent_spacing_days").int(1...365)
            read.noticeDays = try step.required("notice_days").int(0...30)
            read.kit = try step.required("kit").list { try $0.string() }
            read.collectors = try step.required("collectors").int(1...9)
        }
        read.call = try items[1].lightCall()
        self = read
        promiseMaxDays = try keys.required("promise_max_days").int(0...90)
        maxDays = try keys.required("max_days").int(1...365)
        unsuccessful = try keys.required("exit").mapping { try $0.required("unsuccessful").exits([.legalReferral, .lightCadence]) }
    }
}

extension StagePolicy.LegalReferral {
    fileprivate init(reading keys: inout PolicyKeys, currency: Currency) throws {
        self.init()
        executor = try keys.required("executor").executor(.holderProposesLawFirmActs)
        lease = try StagePolicy.Lease(reading: try keys.required("lease"))
        try keys.required("entry").mapping { entry in
            minAmount = try entry.required("min_amount").money(currency)
            minCollections = try entry.required("min_collections").int(0...99)
            minMonthsUnpaid = try entry.required("min_months_unpaid").int(0...120)
            minLettersPosted = try entry.required("min_letters_posted").int(0...24)
            notHolds = Set(try entry.required("not_holds").words(HoldType.self))
        }
        try keys.required("decision").mapping { decision in
            let persons = try decision.required("approvals")
            approvals = try persons.int(1...5)
            guard approvals >= 2 else { throw persons.fault("a legal decision takes two persons") }
            decisionBusinessDays = try decision.required("business_days").int(1...90)
            routes = try decision.required("routes").words()
        }
        try keys.required("criminal").mapping { criminal in
            let uses = try criminal.required("uses")
            guard try uses.string() == "legal.criminal_referral" else { throw uses.fault("expected legal.criminal_referral") }
            let roles = try criminal.required("roles")
            guard try roles.list({ try $0.string() }) == ["compliance"] else { throw roles.fault("only compliance may report a crime") }
            let visible = try criminal.required("visible_to_agency")
            guard try !visible.bool() else { throw visible.fault("a criminal report is never shown to an agency") }
        }
        try keys.required("card_block").mapping { block in
            let at = try block.required("at")
            guard try at.string() == "proposed" else { throw at.fault("the card block is asked for when legal steps are proposed") }
            cardBlockConfirmHours = try block.required("confirm_hours").int(1...720)
        }
        try keys.required("exit").mapping { exit in
            approved = try exit.required("approved").exit([.closeLegal])
            rejected = try exit.required("rejected").exit([.lightCadence])
            notRecommended = try exit.required("not_recommended").exit([.closeExhausted])
        }
    }
}

extension StagePolicy.Priorities {
    fileprivate init(reading keys: inout PolicyKeys) throws {
        self.init()
        let range = 0...999
        callbackDue = try keys.required("callback_due").int(range)
        promiseBroken = try keys.required("promise_broken").int(range)
        reminderDue = try keys.required("reminder_due").int(range)
        firstContact = try keys.required("first_contact").int(range)
        expiring7Days = try keys.required("expiring_7_days").int(range)
        highAmount = try keys.required("high_amount").int(range)
        normal = try keys.required("normal").int(range)
        light = try keys.required("light").int(range)
    }
}

extension PolicyReader {
    fileprivate func stage() throws -> Stage {
        guard let stage = Stage(name: try string()) else {
            throw fault("expected one of \(Stage.allCases.map(\.name).joined(separator: ", "))")
        }
        return stage
    }

    /// A step by its name, or `letter` for the step of that stage.
    fileprivate func stepOrStage() throws -> Step {
        let name = try string()
        if name == "letter" { return .registeredLetter }
        guard let step = Step(name: name) else { throw fault("expected a step such as sms_reminder or letter") }
        return step
    }

    fileprivate func executor(_ expected: StagePolicy.Executor) throws -> StagePolicy.Executor {
        let executor: StagePolicy.Executor = try word()
        guard executor == expected else { throw fault("expected \(expected.rawValue) for this stage") }
        return executor
    }

    fileprivate func exit(_ allowed: [StagePolicy.Exit]) throws -> StagePolicy.Exit {
        let exit: StagePolicy.Exit = try word()
        guard allowed.contains(exit) else { throw fault("expected one of \(allowed.map(\.rawValue).joined(separator: ", "))") }
        return exit
    }

    /// Where a stage may lead, in order; the last one must always be open, so that no case can get stuck.
    fileprivate func exits(_ allowed: [StagePolicy.Exit]) throws -> [StagePolicy.Exit] {
        let exits = try words(StagePolicy.Exit.self)
        guard exits.allSatisfy(allowed.contains), exits.last == .lightCadence else {
            throw fault("expected some of \(allowed.map(\.rawValue).joined(separator: ", ")), light_cadence last")
        }
        return exits
    }

    fileprivate func step<Value>(_ step: Step, channel: String, _ body: (inout PolicyKeys) throws -> Value) throws -> Value {
        try mapping { keys in
            let named = try keys.required("step")
            guard try named.string() == step.name else { throw named.fault("expected the step \(step.name) here") }
            let by = try keys.required("channel")
            guard try by.string() == channel else { throw by.fault("expected channel \(channel)") }
            return try body(&keys)
        }
    }

    fileprivate func lightCall() throws -> StagePolicy.LightCall {
        try step(.call, channel: "call") { keys in
            let most = try keys.required("max_per_7_days").int(1...7)
            let named = try keys.required("goal")
            guard let goal = WorkGoal(name: try named.string()) else { throw named.fault("unknown goal") }
            return StagePolicy.LightCall(maxPer7Days: most, goal: goal)
        }
    }
}
