import ArgumentParser
import Foundation
import Inference
import Subprocess
import Volfefe

/// Runs `priv/ml/prepare.py` on the active models and shows what it did, a line per model as it finishes.
struct Preparation {
    private let global: GlobalOptions
    private let models: [String]
    private let flags: [String]
    private let json: Bool

    init(_ global: GlobalOptions, models: [String], flags: [String], json: Bool) {
        self.global = global
        self.models = models
        self.flags = flags
        self.json = json
    }

    func run() async throws {
        try await reportingErrors {
            let supervisor = try Supervisor(global, onlyModels: models)
            let begun = ContinuousClock.now
            let outcome = try await Interruption.handling { _ in
                try await supervisor.prepare(flags: flags) { line in
                    guard let step = try? JSONDecoder().decode(PreparationStep.self, from: Data(line.utf8)) else {
                        return
                    }
                    Terminal.show(json ? line : step.line)
                }
            }
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            if outcome == 0 { Terminal.say("done in \(seconds.digits(1)) s") }
            throw ExitCode(outcome)
        }
    }
}

/// A line that `prepare.py` prints.
struct PreparationStep: Decodable {
    let type: String
    let model: String?
    let status: String?
    let path: String?
    let revision: String?
    let bytes: Int?
    let ms: Double?
    let message: String?
    let remedy: String?

    var line: String {
        let name = model ?? "–"
        guard type != "failed" else {
            return Style.red("✗ \(name)") + "  \(message ?? "failed")" + (remedy.map { "\n  → \($0)" } ?? "")
        }
        let size = bytes.map { "\((Double($0) / 1e6).digits(1)) MB" }
        let time = ms.map { "\(($0 / 1000).digits(2)) s" }
        let facts = [status, size, time, revision?.shortRevision, path].compactMap { $0 }
        return Style.green("✓ \(name)") + "  " + facts.joined(separator: "  ")
    }
}
