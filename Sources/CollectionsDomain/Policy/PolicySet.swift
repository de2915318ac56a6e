/// Policies by id and version, with `extends` resolved.
package struct PolicySet: Sendable {
    /// Every version, in the order of reading.
    package let policies: [ConductPolicy]

    package init(policies: [ConductPolicy]) {
        self.policies = policies
    }

    /// Reads policy files that may extend one another, in any order.
    ///
    /// - Parameter nodes: One node per file.
    /// - Throws: ``PolicyError`` for a fault in a file, a policy that is extended but not there, or a circle of extensions.
    package init(reading nodes: [PolicyNode]) throws {
        var loader = Loader(nodes: nodes)
        for index in nodes.indices { _ = try loader.policy(at: index) }
        policies = loader.finished.compactMap { $0 }
    }

    /// The version of a policy that is in force on `day`; of several, the one that came into force last.
    package func policy(_ id: String, on day: Day) -> ConductPolicy? {
        policies.filter { $0.id == id && $0.isInForce(on: day) }.max { $0.effectiveFrom < $1.effectiveFrom }
    }

    /// The version of a policy that came into force last.
    package func latest(_ id: String) -> ConductPolicy? {
        policies.filter { $0.id == id }.max { $0.effectiveFrom < $1.effectiveFrom }
    }

    /// Reads files in the order in which they extend one another.
    private struct Loader {
        let nodes: [PolicyNode]
        var finished: [ConductPolicy?]
        private var open: [Int] = []

        init(nodes: [PolicyNode]) {
            self.nodes = nodes
            finished = Array(repeating: nil, count: nodes.count)
        }

        mutating func policy(at index: Int) throws -> ConductPolicy {
            if let policy = finished[index] { return policy }
            let node = nodes[index]
            if open.contains(index) {
                throw PolicyError(file: node.file, line: node.line, path: "extends", reason: "policies extend one another in a circle")
            }
            open.append(index)
            let from: Day? = if case .scalar(let text, _)? = node["effective_from"]?.content { Day(iso: text) } else { nil }
            var loader = self
            let policy = try ConductPolicy.read(node) { name in try loader.parent(name, from: from) }
            self = loader
            open.removeLast()
            finished[index] = policy
            return policy
        }

        /// The version of the extended policy in force when the extending one comes into force, else its first one after.
        private mutating func parent(_ name: String, from: Day?) throws -> ConductPolicy? {
            let candidates = nodes.indices.filter { index in
                if case .scalar(name, _)? = nodes[index]["policy_id"]?.content { true } else { false }
            }
            var found: [ConductPolicy] = []
            for index in candidates { found.append(try policy(at: index)) }
            found.sort { $0.effectiveFrom < $1.effectiveFrom }
            guard let from else { return found.last }
            return found.last { $0.isInForce(on: from) } ?? found.first { $0.effectiveFrom > from } ?? found.last
        }
    }
}
