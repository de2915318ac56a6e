package import CollectionsDomain

/// How the bank's day stands: every step of the plan, and what an operations desk wants to know at half past seven.
package struct DayBoard: Sendable {
    package var day: Day
    package var time: TimeOfDay
    package var zone: Zone
    package var steps: [(step: DailyPlan.Step, state: DailyPlan.State)]
    package var reminder: String?
    /// Up to when payments are known, and how old that is in hours; a feed that is too old stops demands.
    package var watermark: Instant?
    package var ledgerHours: Int?
    package var ledgerIsStale: Bool
    package var breaks: [(kind: String, severity: String, count: Int64)]
    package var requests: [(type: String, open: Int, overdue: Int)]
    package var complaints: (open: Int, overdue: Int)
    package var suspended: [(name: String, reason: String)]
    package var cases: [(stage: Stage?, state: String, count: Int64)]

    /// Steps that are late, and by how many minutes.
    package var late: [(step: DailyPlan.Step, minutes: Int)] {
        steps.compactMap { item in
            switch item.state {
            case .late(let minutes): (item.step, minutes)
            case .due(let minutes) where minutes >= DailyPlan.patienceMinutes: (item.step, minutes)
            default: nil
            }
        }
    }
}
