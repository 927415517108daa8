import Foundation
import Subprocess

/// A run of the program that lives as long as the test holds its input open.
final class LiveRun {
    private let execution: Execution<CustomWriteInput, SequenceOutput, StringOutput<UTF8>>
    private var lines: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator

    fileprivate init(_ execution: Execution<CustomWriteInput, SequenceOutput, StringOutput<UTF8>>) {
        self.execution = execution
        lines = execution.standardOutput.strings().makeAsyncIterator()
    }

    var pid: Int32 { execution.processIdentifier.value }

    /// Sends a line to its input.
    func write(_ line: String) async throws {
        _ = try await execution.standardInputWriter.write(Array((line + "\n").utf8))
    }

    /// The next line of its output; nil at the end.
    func line() async throws -> String? {
        try await lines.next(isolation: nil)
    }

    /// Sends a line and waits for the answer.
    @discardableResult
    func ask(_ line: String) async throws -> String? {
        try await write(line)
        return try await self.line()
    }

    /// Closes its input.
    func finish() async throws {
        try await execution.standardInputWriter.finish()
    }

    func send(_ signal: Signal) throws {
        try execution.send(signal: signal)
    }
}

extension Program {
    /// Runs `arguments` while `body` runs, then closes the input and waits for the end; output that is left is dropped.
    @discardableResult
    func live(_ arguments: String..., body: (LiveRun) async throws -> Void) async throws -> Finished {
        let result = try await Subprocess.run(
            launch(arguments), input: .inputWriter, output: .sequence, error: .string(limit: 1 << 20)
        ) { execution in
            let run = LiveRun(execution)
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(run))
            } catch {
                outcome = .failure(error)
            }
            // Whatever the test found out, the process gets its end of input and can leave.
            try? await run.finish()
            while try await run.line() != nil {}
            return outcome
        }
        try result.closureResult.get()
        return Finished(status: result.terminationStatus.code, output: "", talk: result.standardError)
    }
}
