import Dispatch

/// The limit of `withDeadline` has passed.
struct DeadlineExceeded: Error {}

/// Runs `operation` and cancels it when `limit` passes first; throws `DeadlineExceeded` then.
///
/// With a timer of its own and not with `Task.sleep`: a sleep that is cancelled keeps its memory until its time has come, and
/// a deadline of minutes for each of a hundred requests a second would be many megabytes of them.
func withDeadline<Value: Sendable>(
    _ limit: Duration, operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let passed = Latch()
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.setEventHandler { passed.open() }
    timer.schedule(deadline: .now() + limit / .seconds(1))
    timer.resume()
    defer { timer.cancel() }
    do {
        return try await passed.interrupting(operation)
    } catch is CancellationError where passed.isOpen {
        throw DeadlineExceeded()
    }
}
