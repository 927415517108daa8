import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Tells when a process has ended, from the process itself: its output may be held open by others for much longer.
///
/// One thread waits for all of them in `poll`. Dispatch's read sources would do the same, but on Linux they corrupt their own
/// bookkeeping when several are cancelled at once (swift-corelibs-libdispatch 949), which ends the supervisor.
final class ProcessExit: Sendable {
    private static let shared = ProcessExit()

    /// Opens the latch when the process ends, which it must some day. False where the kernel has no pidfd, so that only the
    /// end of the output tells.
    static func watch(processDescriptor: CInt, _ ended: Latch) -> Bool {
        shared?.add(processDescriptor, ended) ?? false
    }

    /// Descriptor of a process → what opens at its end.
    private let watched = Mutex<[CInt: Latch]>([:])
    /// The ends of a pipe that interrupts the thread's wait.
    private let wakes, waker: CInt

    private init?() {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakes, waker) = (ends[0], ends[1])
        // It runs for as long as this process: there is one, whatever the number of pools.
        Thread.detachNewThread { [self] in run() }
    }

    private func add(_ processDescriptor: CInt, _ ended: Latch) -> Bool {
        guard processDescriptor >= 0 else { return false }
        // A copy, as the library closes its own when the process has been reaped.
        let copy = fcntl(processDescriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return false }
        watched.withLock { $0[copy] = ended }
        var byte: UInt8 = 0
        // A full pipe wakes it as well.
        _ = write(waker, &byte, 1)
        return true
    }

    private func run() {
        var crumbs = [UInt8](repeating: 0, count: 64)
        while true {
            var waits = [pollfd(fd: wakes, events: Int16(POLLIN), revents: 0)]
            waits += watched.withLock { $0.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) } }
            guard poll(&waits, nfds_t(waits.count), -1) > 0 else { continue }
            while read(wakes, &crumbs, crumbs.count) > 0 {}
            for wait in waits.dropFirst() where wait.revents != 0 {
                let latch = watched.withLock { $0.removeValue(forKey: wait.fd) }
                close(wait.fd)
                latch?.open()
            }
        }
    }
}
