import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// I7 on the record: no frequency limit of the policy was exceeded by acts that had a lease or permit.
///
/// Counted anew from `contact_event`, with none of the code that decided: windows are walked over the sorted acts of each debtor. Acts without
/// a lease are left out, as the invariant says: they are breaks of their own.
struct LimitCheck: Sendable {
    let database: Database
    let policy: ActivePolicy

    /// Checks every limit of the policy and of those it extends.
    func run() async throws -> DoctorReport.Check {
        let limits = policy.conduct.chain.flatMap(\.limits)
        let zone = policy.conduct.time.zone ?? .utc
        var violations: Int64 = 0
        var samples: [String] = []
        for part in database.lanes.all {
            let acts = try await database.core.withConnection { try await DoctorQueries.contactActs(part: part, in: $0) }
            var start = acts.startIndex
            while start < acts.endIndex {
                let debtor = acts[start].debtor
                let end = acts[start...].firstIndex { $0.debtor != debtor } ?? acts.endIndex
                for limit in limits {
                    for worst in Self.exceeded(limit, by: acts[start..<end], zone: zone) {
                        violations += 1
                        if samples.count < 5 {
                            samples.append("debtor \(debtor): \(worst) acts of \(limit.max) by frequency_limits.\(limit.id)")
                        }
                    }
                }
                start = end
                if start % 4_096 == 0 { await Task.yield() }
            }
        }
        return DoctorReport.Check(
            invariant: "I7", name: "no frequency limit was exceeded by a grant", violations: violations, samples: samples,
            hint: "look at the case's grants: `recourse audit export`; the gate let an act through that it had to block")
    }

    /// The counts above `limit.max`, one for each group (person, account, point) and window that exceeds it; `acts` are one debtor's, by time.
    static func exceeded(_ limit: FrequencyLimit, by acts: ArraySlice<DoctorQueries.ContactAct>, zone: Zone) -> [Int] {
        var groups: [Group: [Instant]] = [:]
        for act in acts where act.underLease {
            guard let channel = Channel(name: act.channel), let outcome = ContactOutcome(name: act.outcome),
                limit.channels.contains(channel),
                limit.event.matches(channel, outcome), !(limit.exclusions.contains(.notConnected) && outcome.isNotConnected)
            else { continue }
            groups[Group(act, limit), default: []].append(act.occurredAt)
        }
        return groups.values.compactMap { times in
            let most = mostInOneWindow(times, limit, zone: zone)
            return most > limit.max ? most : nil
        }
    }

    private static func mostInOneWindow(_ times: [Instant], _ limit: FrequencyLimit, zone: Zone) -> Int {
        var first = 0
        var most = 0
        for last in times.indices {
            while !sameWindow(times[first], times[last], limit, zone: zone) { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    private static func sameWindow(_ early: Instant, _ late: Instant, _ limit: FrequencyLimit, zone: Zone) -> Bool {
        let (from, to) = (zone.day(of: early), zone.day(of: late))
        return switch limit.windowKind {
        case .calendarDay: from == to
        case .consecutiveDays: Int(to.number - from.number) < limit.windowLength
        // 1970-01-01 was a Thursday: day number + 3 counts from a Monday.
        case .week: (from.number + 3) / 7 == (to.number + 3) / 7
        case .month: from.year == to.year && from.month == to.month
        case .rollingHours: late - early < .seconds(Int64(limit.windowLength) * 3_600)
        }
    }

    /// What acts have to agree on to be counted together.
    private struct Group: Hashable {
        let party: Int64?
        let account: Int64?
        let point: Int64?
        let agency: Int32?

        init(_ act: DoctorQueries.ContactAct, _ limit: FrequencyLimit) {
            party = limit.scope.contains(.party) ? PartyRole(name: act.role)?.party(rank: act.rank) : nil
            account = limit.scope.contains(.account) ? act.account : nil
            point = limit.scope.contains(.contactPoint) ? act.point : nil
            agency = limit.aggregation == .agency ? act.agency : nil
        }
    }
}
