import Foundation
import Inference

extension SupervisorStatus {
    /// Headline, what speaks against it, workers, models, times and counts.
    var rendered: String {
        var parts = [([headline, place] + pool.reasons.map { "  " + Style.yellow("! \($0)") }).joined(separator: "\n")]
        parts.append(
            pool.workers.isEmpty ? "  " + Style.dim("no worker") : WorkersTable(pool.workers).rendered(indent: "  "))
        if !pool.models.isEmpty { parts.append(models) }
        parts.append(times)
        parts.append(counts)
        return parts.joined(separator: "\n\n")
    }

    private var headline: String {
        let state = pool.state
        let mark = state.style("● \(state.rawValue)")
        return "\(mark)  \(Style.bold(command))  pid \(pid), up \(uptimeMs.asTime)"
    }

    private var place: String {
        let bounds = pool.minWorkers == pool.maxWorkers ? "\(pool.maxWorkers)" : "\(pool.minWorkers)…\(pool.maxWorkers)"
        return "  volfefe \(version), database \(database), \(bounds) workers, "
            + "queue: \(pool.waiting.grouped) waiting, \(pool.running.grouped) running"
    }

    private var models: String {
        var table = Table(
            ("model", .left), ("version", .left), ("revision", .left), ("last forward", .right), ("first ms", .right),
            ("second ms", .right), ("predictions", .right), ("failures", .right))
        for model in pool.models {
            table.add(
                model.id, model.version, model.revision?.shortRevision ?? Style.red(model.missing ?? "not loaded"),
                model.lastForwardAgeMs.map { "\($0.asTime) ago" } ?? "never", model.firstCallMs?.digits(1) ?? "–",
                model.secondCallMs?.digits(1) ?? "–", model.predictions.grouped, model.failures.grouped)
        }
        return table.rendered(indent: "  ")
    }

    private var times: String {
        var table = Table(
            ("time, ms", .left), ("count", .right), ("p50", .right), ("p95", .right), ("p99", .right), ("max", .right))
        for (name, times) in [
            ("queue time", pool.counters.queueTime), ("latency", pool.counters.latency),
            ("start", pool.counters.startTime),
        ] {
            table.add(
                name, times.count.grouped, times.p50Ms?.digits(1) ?? "–", times.p95Ms?.digits(1) ?? "–",
                times.p99Ms?.digits(1) ?? "–", times.count > 0 ? times.maxMs.digits(1) : "–")
        }
        return table.rendered(indent: "  ")
    }

    private var counts: String {
        let counts = pool.counters
        func row(_ cells: [(String, Int)]) -> String {
            "  " + cells.map { "\($0.0) \($0.1.grouped)" }.joined(separator: " · ")
        }
        return [
            row([
                ("requests", counts.requests), ("texts", counts.texts), ("probes", counts.probes),
                ("launches", counts.launches), ("failed launches", counts.failedLaunches), ("deaths", counts.deaths),
            ]),
            row([
                ("timeouts", counts.timeouts), ("bisections", counts.bisections), ("set aside", counts.poisoned),
                ("noise lines", counts.noiseLines), ("stale replies", counts.staleReplies),
                ("dropped log lines", counts.droppedLogLines),
            ]),
        ].joined(separator: "\n")
    }
}

extension PoolSnapshot.State {
    /// The colour of the state.
    fileprivate var style: Style {
        switch self {
        case .ready: .green
        case .degraded, .draining: .yellow
        case .unready: .red
        }
    }
}
