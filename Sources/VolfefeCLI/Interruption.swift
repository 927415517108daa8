import Dispatch
import Synchronization
import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What SIGINT and SIGTERM do: the first asks the work to stop after what is running, the second cancels it.
final class Interruption: Sendable {
    private struct State {
        var signal: Int32?
        var firstCame = ContinuousClock.now
        var cancel: (@Sendable () -> Void)?
        var isSecond = false
    }

    private let state = Mutex(State())
    /// Asked by the work between two steps.
    let stop = StopRequest()

    /// Runs `work` with the two signals handled; returns its value, or throws what it throws.
    ///
    /// What is running when the first signal comes has `grace` to finish; then it is cancelled as by a second one.
    static func handling<Value: Sendable>(
        grace: Duration = .seconds(30), _ work: @escaping @Sendable (Interruption) async throws -> Value
    ) async throws -> Value {
        let interruption = Interruption()
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { interruption.received(number, grace: grace) }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        let task = Task { try await work(interruption) }
        interruption.onCancel { task.cancel() }
        do {
            let value = try await task.value
            return value
        } catch is CancellationError where interruption.exitStatus != nil {
            throw CommandError(interruption.exitStatus ?? .interrupted, "stopped; what was committed is kept")
        }
    }

    /// 130 or 143 once a signal came.
    var exitStatus: ExitStatus? {
        state.withLock { state in state.signal.map { $0 == SIGTERM ? .terminated : .interrupted } }
    }

    private func onCancel(_ cancel: @escaping @Sendable () -> Void) {
        let now = state.withLock { state in
            state.cancel = cancel
            return state.isSecond
        }
        if now { cancel() }
    }

    private func received(_ number: Int32, grace: Duration) {
        let (isFirst, cancel): (Bool, (@Sendable () -> Void)?) = state.withLock { state in
            guard state.signal != nil else {
                state.signal = number
                state.firstCame = .now
                return (true, nil)
            }
            // One Ctrl-C may arrive twice, from the terminal and from a wrapper that passes it on.
            guard ContinuousClock.now - state.firstCame > .milliseconds(300) else { return (false, nil) }
            state.isSecond = true
            return (false, state.cancel)
        }
        if isFirst {
            Terminal.say("stopping after what is running (again to stop now)")
            stop.request()
            DispatchQueue.global().asyncAfter(deadline: .now() + grace / .seconds(1)) {
                self.received(number, grace: grace)
            }
        }
        cancel?()
    }
}
