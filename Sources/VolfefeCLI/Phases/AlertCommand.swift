import Foundation
import Subprocess
import Volfefe

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A command of the user's that is told that a gate's verdict has changed: by its environment, and by a line of JSON on its input.
struct AlertCommand: Sendable {
    private let command: String
    private let change: GateChange

    /// How long it may take.
    static let limit = Duration.seconds(30)

    init(_ command: String, _ change: GateChange) {
        self.command = command
        self.change = change
    }

    /// What is written to its input.
    private struct Message: Encodable {
        let change: GateChange

        func encode(to encoder: any Encoder) throws {
            try change.report.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(change.previous, forKey: .previous)
        }

        enum Key: String, CodingKey { case previous }
    }

    /// The variables that it gets besides those of this process; empty where nothing is known.
    var variables: [String: String] {
        let report = change.report
        return [
            "VOLFEFE_GATE": report.gate.rawValue,
            "VOLFEFE_GATE_SOURCE": report.source ?? "",
            "VOLFEFE_GATE_VERDICT": report.verdict.rawValue,
            "VOLFEFE_GATE_PREVIOUS": change.previous.rawValue,
            "VOLFEFE_GATE_VALUE": report.value.map { "\($0)" } ?? "",
            "VOLFEFE_GATE_THRESHOLD": "\(report.threshold)",
        ]
    }

    /// Runs it through `/bin/sh`, with its output on our standard error. Its failure is said, and is no error.
    func run() async {
        let name = "the alert command for the gate \(change.report.gate.rawValue)"
        do {
            let ended = try await withThrowingTaskGroup(of: TerminationStatus?.self) { group in
                group.addTask { try await launch() }
                group.addTask {
                    try await Task.sleep(for: Self.limit)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            switch ended {
            case .exited(0)?: break
            case .exited(let code)?: Terminal.say("\(name) ended with status \(code)")
            case .signaled(let signal)?: Terminal.say("\(name) was ended by signal \(signal)")
            case nil: Terminal.say("\(name) took more than \((Self.limit / .seconds(1)).digits(0)) s and was ended")
            }
        } catch {
            Terminal.say("\(name) cannot be run: \(error)")
        }
    }

    private func launch() async throws -> TerminationStatus {
        var options = PlatformOptions()
        // A group of its own, so that whatever it starts ends with it.
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
        ]
        let updates = Dictionary(
            uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) })
        let message = try JSON.line(Message(change: change)) + "\n"
        return try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", command], environment: .inherit.updating(updates),
            platformOptions: options, input: .inputWriter,
            output: .fileDescriptor(.standardError, closeAfterSpawningProcess: false),
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
        ) { execution in
            // Not `input: .string`: a command that does not read would take this process with it.
            _ = try? await execution.standardInputWriter.write(message)
            try? await execution.standardInputWriter.finish()
        }.terminationStatus
    }
}
