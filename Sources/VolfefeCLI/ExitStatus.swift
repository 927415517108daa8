import ArgumentParser
import Foundation
import Inference
import Volfefe

/// Exit codes of every command; `docs/operations.md` lists what each means.
enum ExitStatus: Int32 {
    case done = 0
    /// Ran, but some items failed.
    case someFailed = 1
    case usage = 64
    case badInput = 65
    case notFound = 66
    case noWorker = 69
    case internalError = 70
    case inputOutput = 74
    case temporary = 75
    case configuration = 78
    case interrupted = 130
    case terminated = 143

    var code: ExitCode { ExitCode(rawValue) }
}

/// An error that ends a command with a sentence and an exit status.
struct CommandError: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }
}

/// Runs the body of a command: an error becomes one sentence on stderr and its exit status.
func reportingErrors(_ body: () async throws -> ExitStatus) async throws {
    let code: Int32
    do {
        code = try await body().rawValue
    } catch let error as ExitCode {
        throw error
    } catch {
        Terminal.say("volfefe: \(error)")
        code = exitCode(of: error)
    }
    if code != 0 { throw ExitCode(code) }
}

/// The exit code of a command that ends with an error.
func exitCode(of error: any Error) -> Int32 {
    switch error {
    case let error as CommandError: error.status.rawValue
    case let error as InferenceError: error.exitCode
    case let error as VolfefeError: error.exitCode
    case let error as StoreError: error.exitCode
    case let error as JobError: error.exitCode
    case let error as EntityError: error.exitCode
    case is CronSyntaxError: ExitStatus.usage.rawValue
    case is CancellationError: ExitStatus.interrupted.rawValue
    default: ExitStatus.internalError.rawValue
    }
}
