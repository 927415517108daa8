import Synchronization

/// A number that closures on other threads may set.
final class Counter: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }
    func set(_ new: Int) { number.withLock { $0 = new } }
}
