import Foundation
import Inference
import Subprocess
import Volfefe

/// What a text costs when the worker answers at once: pool, pipe, JSON, commit; against a plain Python loop, in turn.
struct Overhead {
    let setup: Setup
    private static let rounds = 5
    /// Texts per batch → batches per round.
    private static let sizes = [(1, 400), (16, 120), (64, 60)]

    func run() async throws -> String {
        var table = Columns(
            "ms per text", "n", "volfefe median", "min…max of rounds", "p99", "plain median", "min…max of rounds",
            "p99", "ratio", "min…max")
        for (size, batches) in Self.sizes {
            var (ours, plain) = (Samples(), Samples())
            var (ourMedians, plainMedians, ratios) = (Samples(), Samples(), Samples())
            for round in 0..<Self.rounds {
                let other = Samples(try await plainLoop(size: size, batches: batches))
                let own = Samples(try await supervised(size: size, batches: batches, round: round))
                own.values.forEach { ours.add($0) }
                other.values.forEach { plain.add($0) }
                ourMedians.add(own.median)
                plainMedians.add(other.median)
                ratios.add(own.median / other.median)
            }
            func spread(_ samples: Samples) -> String { "\(samples.least.shown)…\(samples.greatest.shown)" }
            table.add(
                "batch of \(size)", "\(ours.values.count)", ourMedians.median.shown, spread(ourMedians), ours.p99.shown,
                plainMedians.median.shown, spread(plainMedians), plain.p99.shown, ratios.median.shown, spread(ratios))
        }
        return table.text
    }

    /// Milliseconds per text of each batch: one worker, one batch at a time, a transaction each.
    private func supervised(size: Int, batches: Int, round: Int) async throws -> [Double] {
        try await Setup.inFreshFolder { folder in
            let store = try Store(path: folder.appending(path: "pool.db").path)
            let texts = (0...batches).map { batch in
                (0..<size).map {
                    "round \(round) \(batch).\($0) " + String(repeating: "of a usual length ", count: 6)
                }
            }
            let drafts = texts.joined().enumerated().map { ContentDraft(externalID: "\($0.offset)", text: $0.element) }
            let ids = try await store.ingest(drafts, source: "benchmark").contentIDs
            let run = try await store.beginRun(command: "benchmark", configuration: "{}")
            let durations = try await WorkerPool.withPool(Setup.pool(setup.workerCommand, workers: 1)) { pool in
                let ready = try await pool.ready()
                _ = try await store.register(ready.models.map(ModelVersionRecord.init))
                var durations: [Double] = []
                for (batch, texts) in texts.enumerated() {
                    let begun = ContinuousClock.now
                    let results = try await pool.classify(texts, models: Setup.modelIDs)
                    let items = results.enumerated().map { index, results in
                        ClassifiedText(contentID: ids[batch * size + index], textVersion: 1, results: results)
                    }
                    try await store.save(items, run: run)
                    durations.append((ContinuousClock.now - begun) / .milliseconds(1) / Double(size))
                }
                return durations
            }
            try store.close()
            // The first batch opens files and compiles statements, here as there.
            return Array(durations.dropFirst())
        }
    }

    private func plainLoop(size: Int, batches: Int) async throws -> [Double] {
        let start = WorkerStart(threads: 1, cacheDirectory: "/tmp", models: Setup.models)
        let line = String(decoding: try JSONEncoder().encode(start), as: UTF8.self)
        let result = try await Subprocess.run(
            .path(.init(setup.python)),
            arguments: .init(
                [setup.root + "/benchmarks/pool/plain_loop.py", line, "\(batches)", "\(size)"] + setup.workerCommand),
            output: .string(limit: 1 << 20), error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
        return try JSONDecoder().decode([Double].self, from: Data(result.standardOutput.utf8)).map { $0 / Double(size) }
    }
}
