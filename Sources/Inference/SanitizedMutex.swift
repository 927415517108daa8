#if THREAD_SANITIZER
    import Glibc

    /// Takes the place of `Synchronization.Mutex` in builds for the thread sanitizer, which does not see that one's lock on
    /// Linux (it is made of futexes inside the standard library) and would call every use of it a race.
    ///
    /// `@unchecked Sendable` because `value` is only ever touched in `withLock`, which holds the POSIX mutex.
    final class Mutex<Value>: @unchecked Sendable {
        private var value: Value
        private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

        init(_ value: Value) {
            self.value = value
            lock.initialize(to: pthread_mutex_t())
            pthread_mutex_init(lock, nil)
        }

        deinit {
            pthread_mutex_destroy(lock)
            lock.deallocate()
        }

        func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            return try body(&value)
        }
    }
#endif
