import Synchronization

/// A wish to stop after what is running; work asks for it between two steps.
public final class StopRequest: Sendable {
    private struct State {
        var isRequested = false
        var actions: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Creates a wish that nobody has expressed yet.
    public init() {}

    /// Whether to stop.
    public var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Expresses the wish.
    public func request() {
        let actions = state.withLock { state in
            state.isRequested = true
            defer { state.actions = [] }
            return state.actions
        }
        actions.forEach { $0() }
    }

    /// Runs `action` once, when the wish is expressed or at once when it has been.
    public func onRequest(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.isRequested { state.actions.append(action) }
            return state.isRequested
        }
        if isLate { action() }
    }
}
