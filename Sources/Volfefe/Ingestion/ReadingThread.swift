import Dispatch

/// Runs an actor on a thread that may block for as long as it likes, as the few threads of the others may not.
final class ReadingThread: SerialExecutor {
    private let queue = DispatchQueue(label: "volfefe.reading")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }
}
