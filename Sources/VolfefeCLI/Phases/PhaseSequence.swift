import Foundation
import Inference
import Volfefe

/// Runs phases one after the other; one that fails keeps only those from their work that need it.
struct PhaseSequence: Sendable {
    let runners: PhaseRunners
    let source: String?
    let wish: PhaseRunners.Wish

    /// What became of one phase.
    struct Ending: Encodable, Sendable {
        var phase: Phase
        var done = 0
        var failed = 0
        /// Why it was not run, or did nothing.
        var reason: String?
        /// Why it could not go on.
        var error: String?
        var seconds = 0.0
        /// Whether nothing is wrong but that its packages are not installed.
        var isNotInstalled = false

        /// Whether it did all that it was to do.
        var isWell: Bool { error == nil && failed == 0 }

        enum CodingKeys: String, CodingKey { case phase, done, failed, reason, error, seconds }

        /// For people.
        var sentence: String {
            let name = phase.rawValue
            if let error { return "\(name) failed: \(error)" }
            guard done + failed > 0 else { return "\(name): \(reason ?? "nothing was missing")" }
            var text = "\(name): \(done.grouped) contents in \(seconds.digits(1)) s"
            if seconds > 0 { text += " (\((Double(done + failed) / seconds).digits(0))/s)" }
            if failed > 0 { text += "; it failed on \(failed.grouped): volfefe phases failed \(name)" }
            return text + (reason.map { "; \($0)" } ?? "")
        }
    }

    /// Runs `phases` in the order of what they need. Throws when the only one fails, and when the store cannot be used.
    func run(_ phases: [Phase]) async throws -> [Ending] {
        let ordered = Phase.allCases.filter(phases.contains)
        var endings: [Ending] = []
        var broken: Set<Phase> = []
        for phase in ordered where !runners.stop.isRequested {
            var ending = Ending(phase: phase)
            if let needed = phase.prerequisite, broken.contains(needed) {
                ending.error = "it needs \(needed.rawValue), which failed"
                ending.isNotInstalled = endings.contains { $0.phase == needed && $0.isNotInstalled }
                broken.insert(phase)
            } else {
                do {
                    try await run(phase, &ending)
                } catch let error as any Error & CustomStringConvertible where Self.isPhasesOwn(error) {
                    guard ordered.count > 1 else { throw error }
                    ending.error = error.description
                    ending.isNotInstalled = (error as? InferenceError)?.exitCode == ExitStatus.notFound.rawValue
                    broken.insert(phase)
                }
            }
            Terminal.say(ending.sentence)
            endings.append(ending)
        }
        return endings
    }

    private func run(_ phase: Phase, _ ending: inout Ending) async throws {
        let begun = ContinuousClock.now
        let total = try await runners.pending(phase, source: source, wish)
        let progress = Progress(total: total, unit: "contents of \(phase.rawValue)")
        defer { progress.end() }
        let report = try await runners.run(phase, source: source, wish) { progress.advance($0) }
        ending.done = report.done
        ending.failed = report.failed
        ending.reason = report.reason ?? (runners.stop.isRequested ? "stopped; the same command goes on" : nil)
        ending.seconds = (ContinuousClock.now - begun) / .seconds(1)
    }

    /// Whether the next phase may do better: the database and a wish to stop concern all of them.
    private static func isPhasesOwn(_ error: any Error) -> Bool { error is InferenceError || error is VolfefeError }
}
