import Inference
import Synchronization

/// What looks at contents before they are stored: text phases, each group of them in processes of its own, so that one whose
/// package is missing does not keep the others from their work.
public final class DraftPhases: Sendable {
    /// Phases that share processes.
    public struct Group: Sendable {
        /// The processes.
        public var pool: PhasePool
        /// What they run.
        public var phases: [Phase]

        /// Creates a group.
        public init(pool: PhasePool, phases: [Phase]) {
            self.pool = pool
            self.phases = phases
        }
    }

    /// Drafts with what was found in them; nil for those that miss nothing.
    struct Annotated: Sendable {
        let drafts: [ContentDraft]
        var annotations: [PhaseAnnotations?]
        var methods: [Phase: Int64] = [:]
    }

    private struct State {
        var methods: [Phase: Int64] = [:]
        var broken: [Phase: InferenceError] = [:]
    }

    private let groups: [Group]
    private let store: Store
    private let maxAttempts: Int
    private let isOn: @Sendable (Phase, String) -> Bool
    private let onBroken: @Sendable ([Phase], InferenceError) -> Void
    private let state = Mutex(State())

    /// Prepares phases for contents of `store`. `isOn` says whether a phase runs on a source. `onBroken` is told once of a group's
    /// phases that cannot run: they stay pending.
    public init(
        _ groups: [Group], store: Store, maxAttempts: Int = 3,
        isOn: @escaping @Sendable (_ phase: Phase, _ source: String) -> Bool = { _, _ in true },
        onBroken: @escaping @Sendable ([Phase], InferenceError) -> Void
    ) {
        self.groups = groups
        self.store = store
        self.maxAttempts = maxAttempts
        self.isOn = isOn
        self.onBroken = onBroken
    }

    /// Calls that keep all processes at work.
    public var inFlight: Int { groups.map(\.pool.inFlight).max() ?? 2 }

    /// Phases that could not run, and why.
    public var broken: [Phase: InferenceError] { state.withLock { $0.broken } }

    /// Looks at the drafts of a source that miss a phase.
    func annotate(_ drafts: [ContentDraft], source: String) async throws -> Annotated {
        var annotated = Annotated(drafts: drafts, annotations: drafts.map { _ in nil })
        for group in groups {
            let broken = self.broken
            guard !group.phases.contains(where: { broken[$0] != nil }) else { continue }
            do {
                try await annotate(&annotated, source, group)
            } catch let error as InferenceError {
                let isFirst = state.withLock { state in
                    let isFirst = group.phases.allSatisfy { state.broken[$0] == nil }
                    for phase in group.phases { state.broken[phase] = error }
                    return isFirst
                }
                if isFirst { onBroken(group.phases, error) }
            }
        }
        return annotated
    }

    private func annotate(_ annotated: inout Annotated, _ source: String, _ group: Group) async throws {
        let wanted = group.phases.filter { isOn($0, source) }
        guard !wanted.isEmpty else { return }
        let missing = try await store.missingPhases(
            of: annotated.drafts, source: source, phases: wanted, maxAttempts: maxAttempts)
        // Nearly always one set for all of them: what was never stored misses everything.
        for phases in Set(missing) where !phases.isEmpty {
            let places = missing.indices.filter { missing[$0] == phases }
            let texts = places.map { annotated.drafts[$0].text ?? "" }
            let found = try await group.pool.annotate(each: texts, phases: phases)
            for phase in phases { annotated.methods[phase] = try await method(of: phase, group) }
            for (place, found) in zip(places, found) {
                var annotations = annotated.annotations[place] ?? PhaseAnnotations()
                annotations.merge(found)
                annotated.annotations[place] = annotations
            }
        }
    }

    private func method(of phase: Phase, _ group: Group) async throws -> Int64 {
        if let known = state.withLock({ $0.methods[phase] }) { return known }
        let method = try await group.pool.method(of: phase, in: store)
        state.withLock { $0.methods[phase] = method }
        return method
    }
}
