/// One worker of a pool from launch to teardown: the process, made ready with the pool's models.
struct Worker: Sendable {
    /// Lines on stdout that are no messages before a process is given up.
    static let noiseLimit = 1_000

    let configuration: WorkerPoolConfiguration
    /// Number of this launch in the pool; part of every request id, so that no answer outlives its process.
    let generation: Int
    let counters: PoolCounters
    /// Receives lines of the worker's standard error.
    let log: @Sendable (String) -> Void
    /// Opens when the pool closes; a worker that is still starting then is not waited for.
    let closing: Latch
    /// Opens when the worker has to go at once, because of its memory.
    let doomed: Latch

    /// Launches the process, waits until it is ready, hands a connection to `serve`, and tears the process down.
    ///
    /// `onLost` is told as soon as the process has ended or cannot be talked to any more, so that `serve` need not wait.
    func live(
        onReady: @escaping @Sendable (WorkerReady) async throws -> Void,
        serve: @escaping @Sendable (WorkerConnection) async throws -> Void,
        onLost: @escaping @Sendable () -> Void
    ) async -> WorkerEnding {
        let process = WorkerProcess<WorkerMessage>(
            launch: configuration.launch, counters: counters, log: log, closing: closing, doomed: doomed)
        return await process.live(
            begin: { channel in try await onReady(try await connection(channel).start()) },
            serve: { channel in try await serve(connection(channel)) },
            onLost: onLost)
    }

    private func connection(_ channel: WireChannel<WorkerMessage>) -> WorkerConnection {
        WorkerConnection(channel: channel, configuration: configuration, generation: generation)
    }
}
