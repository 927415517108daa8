import Foundation
import Inference
import Subprocess
import Volfefe

/// A process of `priv/ml/reference.py`: the plain way to run the same models, asked text batch by text batch.
struct ReferenceProcess: Sendable {
    /// Which plain way.
    enum Way: String {
        /// ONNX Runtime fp32, one text at a time.
        case loop
        /// The pipeline of Hugging Face's transformers, one text at a time.
        case pipeline
    }

    /// What it says about a batch of texts.
    struct Judged: Decodable {
        struct Model: Decodable {
            let wallSeconds: Double

            enum CodingKeys: String, CodingKey { case wallSeconds = "wall_s" }
        }
        let texts: Int
        let wallSeconds: Double
        let models: [String: Model]

        enum CodingKeys: String, CodingKey {
            case texts, models
            case wallSeconds = "wall_s"
        }
    }

    private struct Beginning: Decodable {
        let type: String
        let message: String?
    }

    private let input: StandardInputWriter
    private let lines: AsyncStream<String>

    /// Runs `body` with the process, whose models are loaded; with nil and a sentence why, where it cannot run them.
    static func with<Value: Sendable>(
        _ way: Way, _ supervisor: Supervisor,
        body: @escaping @Sendable (ReferenceProcess?, String?) async throws -> Value
    ) async throws -> Value {
        let python = try supervisor.installation.python(supervisor.configuration.python)
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(2))]
        let result = try await Subprocess.run(
            python.contains("/") ? .path(.init(python)) : .name(python),
            arguments: [supervisor.installation.referenceScript, "--way", way.rawValue],
            platformOptions: options, input: .inputWriter, output: .sequence, error: .discarded
        ) { execution in
            let (lines, continuation) = AsyncStream.makeStream(of: String.self)
            async let outcome = outcome(
                of: ReferenceProcess(input: execution.standardInputWriter, lines: lines), supervisor, body)
            // Its lines end when it does, and it ends when its input does.
            for try await line in execution.standardOutput.strings() { continuation.yield(line) }
            continuation.finish()
            return await outcome
        }
        return try result.closureResult.get()
    }

    private static func outcome<Value: Sendable>(
        of process: ReferenceProcess, _ supervisor: Supervisor,
        _ body: @Sendable (ReferenceProcess?, String?) async throws -> Value
    ) async -> Result<Value, any Error> {
        let outcome: Result<Value, any Error>
        do {
            let problem = try await process.begin(supervisor)
            outcome = .success(try await body(problem == nil ? process : nil, problem))
        } catch {
            outcome = .failure(error)
        }
        try? await process.input.finish()
        return outcome
    }

    /// Judges the texts with every model, one text after the other.
    func judge(_ texts: [String]) async throws -> Judged {
        try await send(JSON.line(["texts": texts]))
        guard let line = await next() else {
            throw CommandError(.noWorker, "the reference process has died; --no-reference goes without it.")
        }
        return try JSONDecoder().decode(Judged.self, from: Data(line.utf8))
    }

    /// Waits until the models are loaded; why they cannot be, when they cannot.
    private func begin(_ supervisor: Supervisor) async throws -> String? {
        let start = WorkerStart(
            threads: 1, cacheDirectory: supervisor.configuration.cacheDirectory, models: supervisor.models)
        try await send(JSON.line(start))
        guard let line = await next(),
            let beginning = try? JSONDecoder().decode(Beginning.self, from: Data(line.utf8))
        else { return "it ended without a word" }
        return beginning.type == "ready" ? nil : beginning.message ?? "it is not ready"
    }

    private func next() async -> String? {
        var iterator = lines.makeAsyncIterator()
        return await iterator.next()
    }

    /// Not generic: the optimiser of Swift 6.3 crashes on an asynchronous function that encodes any message.
    private func send(_ line: String) async throws {
        _ = try await input.write(Array((line + "\n").utf8))
    }
}
