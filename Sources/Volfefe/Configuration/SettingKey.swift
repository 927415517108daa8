/// The scalar settings of `volfefe.yaml`, by their key.
enum SettingKey: String, CaseIterable {
    case database, profile, python, worker, workers
    case workersMin = "workers_min"
    case cacheDirectory = "cache_dir"
    case threadsPerWorker = "threads_per_worker"
    case workerMemoryMB = "worker_memory_mb"
    case memorySoftMB = "memory_soft_mb"
    case memoryHardMB = "memory_hard_mb"
    case maxRequests = "max_requests"
    case maxAge = "max_age"
    case idleAge = "idle_age"
    case batchSize = "batch_size"
    case reuse
    case commitEvery = "commit_every"
    case startTimeout = "start_timeout"
    case requestTimeout = "request_timeout"
    case firstRequestTimeout = "first_request_timeout"
    case shutdownGrace = "shutdown_grace"
    case terminationGrace = "termination_grace"
    case maxAttempts = "max_attempts"
    case restartLimit = "restart_limit"
    case restartWindow = "restart_window"
    case backoffInitial = "backoff_initial"
    case backoffMax = "backoff_max"
    case healthInterval = "health_interval"
    case healthWindow = "health_window"
    case runtimeDirectory = "runtime_dir"
    case busyTimeout = "busy_timeout"
    case maxLineBytes = "max_line_bytes"
    case maxTextBytes = "max_text_bytes"
    case jobAttempts = "job_attempts"
    case jobBackoff = "job_backoff"
    case jobBackoffMax = "job_backoff_max"
    case jobPoll = "job_poll"
    case jobLease = "job_lease"
    case keepCompleted = "keep_completed"
    case keepCancelled = "keep_cancelled"
    case syncCommits = "sync_commits"
    case alertCommand = "alert_command"

    /// Name of the environment variable that sets it.
    var variable: String { "VOLFEFE_" + rawValue.uppercased() }

    /// What a value must look like.
    enum Kind {
        case text
        case count(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case duration
        case flag

        /// For messages: "a whole number from 1 to 10000".
        var expectation: String {
            switch self {
            case .text: "a text"
            case .count(let range) where range.upperBound == .max: "a whole number from \(range.lowerBound)"
            case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
            case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
            case .duration: "a duration such as 500ms, 30s or 2m"
            case .flag: "true or false"
            }
        }

        func accepts(_ value: String) -> Bool {
            switch self {
            case .text: true
            case .count(let range): Int(value).map(range.contains) ?? false
            case .number(let range): Double(value).map(range.contains) ?? false
            case .duration: Duration(setting: value) != nil
            case .flag: value == "true" || value == "false"
            }
        }
    }

    var kind: Kind {
        switch self {
        case .database, .profile, .python, .worker, .cacheDirectory, .runtimeDirectory, .alertCommand: .text
        case .workers, .threadsPerWorker: .count(0...1024)
        case .workersMin, .restartLimit, .maxAttempts, .jobAttempts: .count(1...1024)
        case .workerMemoryMB, .memorySoftMB, .memoryHardMB: .count(0...1 << 30)
        case .maxRequests: .count(0...Int.max)
        case .batchSize: .count(1...4096)
        case .reuse, .syncCommits: .flag
        case .commitEvery: .count(1...1_000_000)
        case .maxLineBytes: .count(1024...1 << 30)
        case .maxTextBytes: .count(1...1 << 30)
        case .startTimeout, .requestTimeout, .firstRequestTimeout, .shutdownGrace, .terminationGrace, .maxAge, .idleAge,
            .restartWindow, .backoffInitial, .backoffMax, .healthInterval, .healthWindow, .busyTimeout, .jobBackoff,
            .jobBackoffMax, .jobPoll, .jobLease, .keepCompleted, .keepCancelled:
            .duration
        }
    }
}

extension Duration {
    /// Reads `500ms`, `30s`, `2m`, `1h`, `7d`, or a plain number of seconds; nil when it is none of these or negative.
    public init?(setting: String) {
        let units: [(suffix: String, milliseconds: Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let (number, scale) =
            units.first { setting.hasSuffix($0.suffix) && Double(setting.dropLast($0.suffix.count)) != nil }
            .map { (String(setting.dropLast($0.suffix.count)), $0.milliseconds) } ?? (setting, 1000)
        guard let value = Double(number), value.isFinite, value >= 0, value * scale < 1e12 else { return nil }
        self = .milliseconds(value * scale)
    }
}

/// The known word that is closest to a misspelt one, if any is close.
func nearest(to word: String, among known: [String]) -> String? {
    let best = known.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
    return best.flatMap { $0.1 <= max(2, word.count / 3) ? $0.0 : nil }
}

/// Levenshtein distance.
private func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var row = Array(0...second.count)
    for (i, a) in first.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in second.enumerated() {
            let substitution = diagonal + (a == b ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[second.count]
}
