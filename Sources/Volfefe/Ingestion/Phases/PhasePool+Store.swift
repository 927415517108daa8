import Inference

extension PhasePool {
    /// The id of the method by which this pool's processes run a phase, stored when it is new. Throws `InferenceError` when no
    /// process can start.
    public func method(of phase: Phase, in store: Store) async throws -> Int64 {
        guard let method = try await ready().method(of: phase.rawValue) else {
            throw InferenceError.refused(
                request: "annotate", code: "bad_request", message: "phase \(phase.rawValue) is not loaded")
        }
        return try await store.phaseMethod(phase, method: method.method, revision: method.revision)
    }

    /// Looks at each text; equal ones are looked at once.
    func annotate(each texts: [String], phases: [Phase]) async throws -> [PhaseAnnotations] {
        var distinct: [String] = []
        var places: [String: Int] = [:]
        let order = texts.map { text in
            // Strings are equal by what they mean; what is found counts code points.
            if let place = places[text], distinct[place].utf8.elementsEqual(text.utf8) { return place }
            places[text] = distinct.count
            distinct.append(text)
            return distinct.count - 1
        }
        let found = try await annotate(distinct, phases: phases.map(\.rawValue))
        return order.map { found[$0] }
    }
}
