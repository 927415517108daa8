import Foundation
import Inference
import Subprocess
import Volfefe

extension Supervisor {
    /// Runs `prepare.py` on the active models, or on `models`. `onLine` gets each line that it prints; what it says goes to
    /// stderr.
    ///
    /// Returns its exit status: 0, 66 for missing weights, 78 for changed ones, 69 when it died.
    func prepare(
        flags: [String], models chosen: [ModelSpecification]? = nil, onLine: @escaping @Sendable (String) -> Void
    ) async throws -> Int32 {
        let start = WorkerStart(
            threads: threads(workers: 1), cacheDirectory: configuration.cacheDirectory, models: chosen ?? models)
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(2))]
        let python = try installation.python(configuration.python)
        let request = try JSON.line(start) + "\n"
        let outcome: ExecutionResult<Void, SequenceOutput, FileDescriptorOutput>
        do {
            outcome = try await Subprocess.run(
                python.contains("/") ? .path(.init(python)) : .name(python),
                arguments: .init([installation.prepareScript] + flags),
                platformOptions: options, input: .inputWriter, output: .sequence,
                error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
            ) { execution in
                // Not `input: .string`: a process that ends before it is written would take this one with it. One that
                // does not read has ended, and its status says why.
                _ = try? await execution.standardInputWriter.write(request)
                try? await execution.standardInputWriter.finish()
                for try await line in execution.standardOutput.strings() { onLine(line) }
            }
        } catch let error as SubprocessError {
            throw CommandError(
                .noWorker,
                "cannot run \(python) \(installation.prepareScript): \(error). Run scripts/volfefe once, or set --python."
            )
        }
        return switch outcome.terminationStatus {
        case .exited(let code): code
        case .signaled: ExitStatus.noWorker.rawValue
        }
    }
}
