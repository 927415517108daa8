import ArgumentParser
import Foundation
import Inference
import Synchronization
import Volfefe

/// `… | volfefe classify`: texts from standard input, result maps on standard output, nothing stored unless asked.
struct PipeClassification {
    private let supervisor: Supervisor
    private let options: PipeOptions
    private let source: String

    init(_ supervisor: Supervisor, _ options: PipeOptions, source: String?) {
        self.supervisor = supervisor
        self.options = options
        self.source = source ?? "stdin"
    }

    func run() async throws -> ExitStatus {
        options.lines || options.jsonl ? try await stream() : try await one()
    }

    // MARK: - The whole of stdin is one text

    private func one() async throws -> ExitStatus {
        let text = try wholeInput()
        return try await Interruption.handling(grace: supervisor.configuration.shutdownGrace) { interruption in
            try await supervisor.withPool(workers: 1, stop: interruption.stop) { pool in
                let ready = try await pool.ready()
                let missing = MissingModel.list(of: supervisor.models, besides: ready)
                missing.forEach { Terminal.say($0.line) }
                let results = try await pool.classify([text], models: ready.models.map(\.id))
                var contentID: Int64?
                if options.store {
                    contentID =
                        try await PipeStorage(supervisor, pool, source: source)
                        .store([.init(line: 1, text: text)], results).first ?? nil
                }
                let map = ResultMap(contentID: contentID, results: missing.completing(results[0]))
                Terminal.show(try JSON.document(map))
                return map.isComplete ? .done : .someFailed
            }
        }
    }

    private func wholeInput() throws -> String {
        let limit = supervisor.configuration.maxTextBytes
        var bytes: [UInt8] = []
        while let chunk = try FileHandle.standardInput.read(upToCount: 1 << 16), !chunk.isEmpty {
            bytes += chunk
            guard bytes.count <= limit else {
                throw CommandError(
                    .badInput,
                    "standard input is longer than \(limit) bytes, the longest text allowed (setting max_text_bytes). "
                        + "For many texts use --lines or --jsonl.")
            }
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError(
                .badInput, "standard input is not UTF-8 text; convert it first, for example with iconv -t utf-8.")
        }
        guard !text.allSatisfy(\.isWhitespace) else {
            throw CommandError(
                .usage,
                "standard input is empty: nothing to classify. Pipe a text in, or select contents with --ids, --limit, --all or --file."
            )
        }
        return text
    }

    // MARK: - A text per line

    private func stream() async throws -> ExitStatus {
        let tally = StreamTally()
        let status = try await Interruption.handling(grace: supervisor.configuration.shutdownGrace) { interruption in
            let feed = LineFeed(
                jsonl: options.jsonl, batchSize: supervisor.configuration.batchSize,
                maxLineBytes: supervisor.configuration.maxLineBytes)
            interruption.stop.onRequest { feed.end() }
            let progress = Progress(total: nil, unit: "texts", quiet: Terminal.showsToPerson)
            defer { progress.end() }
            try await supervisor.withPool(workers: supervisor.workerCount, stop: interruption.stop) { pool in
                let ready = try await pool.ready()
                let missing = MissingModel.list(of: supervisor.models, besides: ready)
                missing.forEach { Terminal.say($0.line) }
                let storage = options.store ? try PipeStorage(supervisor, pool, source: source) : nil
                let limits = supervisor.limits(workers: supervisor.workerCount)
                let run = StreamRun(pool: pool, models: ready.models.map(\.id), limits: limits, stop: interruption.stop)
                try await run.perform(next: { try await feed.next() }) { items, results in
                    let ids = try await storage?.store(items, results)
                    let maps = zip(items, results).enumerated().map { index, pair in
                        ResultMap(
                            line: pair.0.line, id: pair.0.id, contentID: ids?[index],
                            results: pair.0.text == nil ? pair.1 : missing.completing(pair.1), error: pair.0.problem)
                    }
                    tally.count(maps)
                    progress.advance(maps.count, failed: maps.count { !$0.isComplete })
                    let text = try maps.map { try JSON.line($0) + "\n" }.joined()
                    return Terminal.write(Array(text.utf8), to: 1)
                }
                try await storage?.finish(interrupted: interruption.exitStatus != nil)
            }
            return interruption.exitStatus
        }
        if let status { return status }
        if tally.texts == 0 {
            throw CommandError(.usage, "standard input is empty: nothing to classify. Pipe texts in, one per line.")
        }
        if tally.incomplete > 0 {
            Terminal.say(
                "\(tally.incomplete.grouped) of \(tally.texts.grouped) lines have no complete verdict; their \"error\" says why"
            )
        }
        return tally.incomplete > 0 ? .someFailed : .done
    }
}

/// What a stream brought so far.
private final class StreamTally: Sendable {
    private let state = Mutex((texts: 0, incomplete: 0))

    var texts: Int { state.withLock { $0.texts } }
    var incomplete: Int { state.withLock { $0.incomplete } }

    func count(_ maps: [ResultMap]) {
        state.withLock { state in
            state.texts += maps.count
            state.incomplete += maps.count { !$0.isComplete }
        }
    }
}
