/// Runs one phase over the contents that miss it.
///
/// It commits in chunks, each with the findings and the statuses of its contents, so that a kill at any moment costs a chunk at the
/// most and the same call again does only what is missing.
public protocol PhaseRunner: Sendable {
    /// The phase that it runs.
    var phase: Phase { get }

    /// Runs until nothing is missing or a stop is requested. `onProgress` gets the number of contents of each commit.
    ///
    /// Throws `StoreError`, `InferenceError` when no process can serve, `CancellationError`. A content that fails is counted in the
    /// report and has its status; it is no error.
    func run(
        _ selection: PhaseSelection, in store: Store, stop: StopRequest, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws -> PhaseReport
}

/// What one run of a phase has done.
public struct PhaseReport: Codable, Sendable, Hashable {
    /// The phase.
    public var phase: Phase
    /// Contents that have been through it.
    public var done = 0
    /// Contents on which it failed.
    public var failed = 0
    /// Why nothing was done, where that is no error: too few new contents, for example.
    public var reason: String?

    /// A report of a run that has done nothing yet.
    public init(_ phase: Phase, reason: String? = nil) {
        self.phase = phase
        self.reason = reason
    }
}
