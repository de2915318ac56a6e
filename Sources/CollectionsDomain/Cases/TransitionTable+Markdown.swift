extension TransitionTable {
    /// The table, and diagrams of stages and states, as a page of documentation.
    package var markdown: String {
        var page = """
            # How a case moves

            Every result and every event, with what the program decides.

            ## Overview

            This page is made by the program (`recourse case rules --markdown`): the decision function runs over every result of every step on a sample case,
            a card of 30,000 CNY that is 200 days past due, under the bank's default policy. *Fresh* is a stage that has just begun; *spent* is one attempt, talk,
            refusal, letter or visit before the stage's budget is used. Times count from the report; days begin when contact opens. Every accepted outcome
            also enters its contact in the limits, writes its receipt and its audit entry, and tells the holder what it has to know.

            ### Stages

            ```mermaid
            stateDiagram-v2

            """
        page += diagram(Self.stageEdges(results + events))
        page += """
            ```

            ### States

            ```mermaid
            stateDiagram-v2

            """
        page += diagram(Self.stateEdges(results + events))
        page += "```\n"
        for step in Step.allCases {
            page += "\n### Results of \(step.name)\n\n"
            page += table(results.filter { $0.step == step }, head: "result")
        }
        page += "\n### Events\n\nOn a case of stage phone whose call is due, unless the event says otherwise.\n\n"
        page += table(events, head: "event")
        return page
    }

    // MARK: Tables

    private func table(_ rows: [Row], head: String) -> String {
        var lines = ["| \(head) | when | stage after | next | also | rules |", "| --- | --- | --- | --- | --- | --- |"]
        var index = rows.startIndex
        while index < rows.endIndex {
            let row = rows[index]
            // What does not depend on how much of the budget is used stands once.
            let twin = rows.index(after: index)
            let isSame = twin < rows.endIndex && rows[twin].what == row.what && rows[twin].outcome == row.outcome
            let isEvent = row.step == nil
            let when = isSame || isEvent ? "" : row.situation.rawValue
            lines.append(line(row, when: when))
            index = isSame ? rows.index(after: twin) : twin
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ row: Row, when: String) -> String {
        let outcome = row.outcome
        let cells = [
            row.what, when, outcome.place?.rawValue ?? "closed", outcome.next, Self.unique(outcome.effects).joined(separator: "; "),
            outcome.rules.map { "`\($0)`" }.joined(separator: " "),
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    // MARK: Diagrams

    private typealias Edges = [(from: String, to: String, what: [String])]

    /// The most words on an edge; the tables have all of them.
    private static let edgeWords = 6

    private func diagram(_ edges: Edges) -> String {
        edges.map { edge in
            let words = edge.what.prefix(Self.edgeWords).joined(separator: ", ")
            let rest = edge.what.count - Self.edgeWords
            return "    \(edge.from) --> \(edge.to): \(words)\(rest > 0 ? " and \(rest) more" : "")\n"
        }.joined()
    }

    /// Between stages, and to the end by its code.
    private static func stageEdges(_ rows: [Row]) -> Edges {
        collect(
            rows.compactMap { row in
                let to = row.outcome.place?.rawValue ?? "closed_" + (row.outcome.state.reason ?? "")
                return to == row.from.rawValue ? nil : (row.from.rawValue, to, row.what)
            })
    }

    /// Out of readiness into the states that stop demands, and back from them.
    private static func stateEdges(_ rows: [Row]) -> Edges {
        collect(
            rows.compactMap { row in
                let to = row.outcome.state.code.rawValue
                return to == CaseState.Code.ready.rawValue ? nil : ("ready", to, row.what)
            })
    }

    private static func collect(_ edges: [(String, String, String)]) -> Edges {
        var order: [String] = []
        var found: [String: (from: String, to: String, what: [String])] = [:]
        for (from, to, what) in edges {
            let key = "\(from) \(to)"
            if found[key] == nil {
                order.append(key)
                found[key] = (from, to, [])
            }
            if found[key]?.what.contains(what) == false { found[key]?.what.append(what) }
        }
        return order.compactMap { found[$0] }
    }
}
