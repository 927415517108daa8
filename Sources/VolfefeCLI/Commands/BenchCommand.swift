import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe bench`: how fast every model is here, and how much faster it could be.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the models on this machine: speed, latency, memory, share of the peak.",
        discussion: """
            To choose an engine and a precision: change them in volfefe.yaml and measure again.
            Each model is measured by itself and all together, on texts that are new in every
            round, in turn with a plain loop over ONNX Runtime fp32, one text at a time (and
            with the pipeline of transformers, where the models have one and torch is there).
            Nothing is stored.

              volfefe bench
              volfefe bench --models minilm_social,vader --texts posts.jsonl --rounds 5
              volfefe bench --peak                      only what a core can do

            Texts in batches give texts/s and CPU ms, texts one at a time p50, p95 and p99.
            docs/operations.md explains the columns.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Option(name: .long, help: "Only these models, separated by commas.")
    var models: String?

    @Option(name: .long, help: "File of contents to take texts from (default: examples/posts.jsonl).")
    var texts: String?

    @Option(name: .long, help: "Rounds, each with fresh texts.")
    var rounds = 3

    @Option(name: .long, help: "Texts per model and round, 8 to 1000.")
    var count = 64

    @Flag(name: .long, help: "Do not compare with a plain loop or a pipeline.")
    var noReference = false

    @Flag(name: .long, help: "Only measure what one core can do; run no model.")
    var peak = false

    func validate() throws {
        if rounds < 1 { throw ValidationError("--rounds must be at least 1.") }
        if !(8...1000).contains(count) { throw ValidationError("--count must be from 8 to 1000.") }
        if peak, models != nil || texts != nil { throw ValidationError("--peak runs no model: drop the others.") }
    }

    func run() async throws {
        try await reportingErrors {
            var report = BenchReport(hardware: .current, peaks: UnitPeak.measureAll())
            if peak {
                try format.show(report) { $0.rendered() }
                return .done
            }
            let ids = models.map { $0.split(separator: ",").map(String.init) } ?? []
            let supervisor = try Supervisor(global, onlyModels: ids)
            let supply = TextSupply(try readTexts(supervisor))
            let empty = report
            report = try await Interruption.handling { interruption in
                try await measure(supervisor, supply, empty, stop: interruption.stop)
            }
            try format.show(report) { $0.rendered() }
            return report.failures > 0 ? .someFailed : .done
        }
    }

    private func measure(
        _ supervisor: Supervisor, _ supply: TextSupply, _ empty: BenchReport, stop: StopRequest
    ) async throws -> BenchReport {
        let workers = supervisor.workerCount
        let settings = supervisor.configuration
        let plan = EngineBench.Plan(
            rounds: rounds, count: count, batchSize: settings.batchSize, inFlight: workers * 2 + 1)
        return try await withReferences(supervisor) { loop, pipeline, notes in
            try await supervisor.withPool(workers: workers, keepsAll: true, stop: stop) { pool in
                let ready = try await pool.ready()
                // What is measured is work, not the start of the other workers.
                _ = try await eventually(within: settings.startTimeout, every: .milliseconds(20)) {
                    pool.snapshot.workers.count { $0.state == .idle } == workers || stop.isRequested
                }
                let total = rounds * EngineBench.textsPerRound(plan, models: ready.models.count)
                let progress = Progress(total: total, unit: "texts", quiet: format.json && !Terminal.talksToPerson)
                defer { progress.end() }
                var bench = EngineBench(pool: pool, ready: ready, plan: plan, supply: supply, progress: progress)
                for _ in 0..<rounds {
                    guard !stop.isRequested else { throw CancellationError() }
                    try await bench.round(loop: loop, pipeline: pipeline)
                }
                var report = empty
                bench.report(into: &report, workers: workers, threads: supervisor.threads(workers: workers))
                report.notes = notes
                return report
            }
        }
    }

    /// Runs `body` with the processes to compare with; what cannot be compared is nil, and a note says why.
    private func withReferences(
        _ supervisor: Supervisor,
        body: @escaping @Sendable (ReferenceProcess?, ReferenceProcess?, [String]) async throws -> BenchReport
    ) async throws -> BenchReport {
        guard !noReference else { return try await body(nil, nil, []) }
        Terminal.say("loading what is compared with …")
        return try await ReferenceProcess.with(.loop, supervisor) { loop, problem in
            let notes = problem.map { ["no plain loop to compare with: \($0)"] } ?? []
            let hasPipeline = supervisor.models.allSatisfy { model in
                ["folder:", "hub:", "package:"].contains { model.source.hasPrefix($0) }
            }
            guard hasPipeline, loop != nil else { return try await body(loop, nil, notes) }
            return try await ReferenceProcess.with(.pipeline, supervisor) { pipeline, problem in
                let more = problem.map { ["no pipeline to compare with: \($0)"] } ?? []
                return try await body(loop, pipeline, notes + more)
            }
        }
    }

    private func readTexts(_ supervisor: Supervisor) throws -> [String] {
        let file = texts ?? supervisor.installation.root + "/examples/posts.jsonl"
        var seen = Set<String>()
        var found: [String] = []
        let ingestion = FileIngestion(supervisor.configuration, source: nil, map: [:], format: nil)
        let report = try ingestion.list(file) { draft in
            guard let text = draft.text, seen.insert(text).inserted else { return }
            found.append(text)
        }
        report.firstProblems.forEach(Terminal.say)
        guard !found.isEmpty else { throw CommandError(.badInput, "\(file) holds no text; give another with --texts.") }
        return found
    }
}

extension BenchReport.Hardware {
    /// This machine.
    static var current: Self {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let name = info.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingSpaces }
        return Self(cpu: name ?? "unknown CPU", cores: ProcessInfo.processInfo.activeProcessorCount)
    }
}
