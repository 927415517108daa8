import Dispatch

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Tells when a process has ended, from the process itself: its output may be held open by others for much longer.
enum ProcessExit {
    /// Opens the latch when the process ends, which it must some day. False where the kernel has no pidfd, so that only the
    /// end of the output tells.
    static func watch(processDescriptor: CInt, _ ended: Latch) -> Bool {
        guard processDescriptor >= 0 else { return false }
        // A copy, as the library closes its own when the process has been reaped.
        let copy = fcntl(processDescriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return false }
        let source = DispatchSource.makeReadSource(fileDescriptor: copy, queue: .global())
        source.setEventHandler {
            ended.open()
            source.cancel()
        }
        source.setCancelHandler { close(copy) }
        source.resume()
        return true
    }
}
