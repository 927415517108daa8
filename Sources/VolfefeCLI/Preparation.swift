import ArgumentParser
import Foundation
import Inference
import Subprocess
import Synchronization
import Volfefe

/// Runs `priv/ml/prepare.py` on the active models and shows what it did: a line per model as it finishes, then what was
/// measured of every engine.
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
            let steps = Mutex<[PreparationStep]>([])
            let outcome = try await Interruption.handling { _ in
                try await supervisor.prepare(flags: flags) { line in
                    guard let step = try? JSONDecoder().decode(PreparationStep.self, from: Data(line.utf8)) else {
                        return
                    }
                    guard step.type != "progress" else { return Self.say(step) }
                    Self.clearProgress()
                    Terminal.show(json ? line : step.line)
                    steps.withLock { $0.append(step) }
                }
            }
            Self.clearProgress()
            let finished = steps.withLock { $0 }
            if !json, finished.contains(where: { $0.candidates != nil }) { Self.show(finished) }
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            if outcome == 0 { Terminal.say("done in \(seconds.digits(1)) s") }
            throw ExitCode(outcome)
        }
    }

    private static func show(_ steps: [PreparationStep]) {
        Terminal.show("\n" + steps.table + "\n")
        for step in steps {
            guard let runs = step.runs, let why = step.why else { continue }
            Terminal.show("\(step.model ?? "–") runs on \(Style.bold(runs)): \(why)")
        }
    }

    /// Redraws a line on a terminal; elsewhere says once per model that this takes a while.
    private static func say(_ step: PreparationStep) {
        guard let model = step.model, let done = step.done, let all = step.of else { return }
        if Terminal.talksToPerson {
            let line = "\r\u{1B}[K\(model)  \(done)/\(all)  \(step.step ?? "")"
            Terminal.write(Array(line.utf8), to: 2)
        } else if done == 0 {
            Terminal.say("\(model): measuring engines")
        }
    }

    private static func clearProgress() {
        if Terminal.talksToPerson { Terminal.write(Array("\r\u{1B}[K".utf8), to: 2) }
    }
}
