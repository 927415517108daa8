import ArgumentParser
import Foundation
import Volfefe

/// `volfefe phases`: how far each phase of ingestion has come, and what brings it on.
struct PhasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phases",
        abstract: "Show how far each phase of ingestion has come, and run phases.",
        discussion: """
            Each phase has a status of its own for every content. A run does what is missing,
            in chunks: however it ends, the same command goes on where it stopped.

              volfefe phases
              volfefe phases run ner resolve
              volfefe phases run all --source truth_social
              volfefe phases failed ner
            """,
        subcommands: [List.self, Run.self, Failed.self], defaultSubcommand: List.self)

    /// `volfefe phases list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show what each phase has done, and what is left.",
            discussion: """
                Due are the contents with a text; for resolve, those that ner has looked at.
                The rate is that of the last minute in which the phase finished contents.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: FigureOptions

        @Option(name: .shortAndLong, help: "Only contents of this source.")
        var source: String?

        func run() async throws {
            try await reportingErrors {
                let settings = try LoadedSettings(global)
                let store = try Store(path: settings.configuration.database, mode: .readOnly)
                let statuses = try await store.phaseStatuses(
                    settings.configuration, models: settings.models, source: source)
                let grid = Self.grid(statuses)
                try format.show(statuses, grid: grid) { grid.rendered() }
                return .done
            }
        }

        private static func grid(_ statuses: [PhaseStatus]) -> Grid {
            var grid = Grid([
                "<phase", "<", "due", "done", "pending", "failed", "coverage", "contents/s", "<ETA", "<last",
            ])
            for status in statuses {
                grid.add(
                    .text(status.phase.rawValue), .text(status.state.rawValue), .count(status.due), .count(status.done),
                    .count(status.pending), .count(status.failed), .share(status.coverage),
                    .figure(status.rate, digits: 1), .text(status.secondsLeft?.spanned ?? "–"),
                    .text(status.lastAt?.shown ?? "–"))
            }
            return grid
        }
    }

    /// `volfefe phases run`
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Run phases over the contents that miss them.",
            discussion: """
                In the order of what they need; one that fails does not stop the others. Ctrl-C
                stops after what is running; what is committed stays.

                Exit status: 0 done; 1 a content or a phase failed; 66 a package or a source is
                missing; 69 no process could serve; 130 and 143 stopped by a signal.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Argument(
            help: "Phases (\(Phase.allCases.map(\.rawValue).joined(separator: ", "))), or all that are on.",
            transform: PhaseName.init)
        var names: [PhaseName]

        @Option(name: .shortAndLong, help: "Only contents of this source.")
        var source: String?

        @Flag(name: .long, help: "Run on every content, whatever has been done.")
        var force = false

        @Flag(name: .long, help: "Run also on what another method or revision has done.")
        var outdated = false

        func validate() throws {
            if force, outdated { throw ValidationError("--force does everything; --outdated adds nothing to it.") }
        }

        func run() async throws {
            try await reportingErrors {
                let settings = try LoadedSettings(global)
                let phases = names.contains(.all) ? Phase.allCases : names.compactMap(\.phase)
                let asked = names.contains(.all) ? phases.filter { isOn($0, settings.configuration) } : phases
                let store = try Store.writing(global)
                if let source { try await store.requireSource(source) }
                let supervisor = asked.contains(.sentiment) ? try Supervisor(global) : nil
                try await store.interruptDeadRuns()
                let grace = settings.configuration.shutdownGrace
                return try await Interruption.handling(grace: grace) { interruption in
                    let runners = PhaseRunners(
                        settings: settings, store: store, stop: interruption.stop, isVerbose: global.verbose,
                        supervisor: supervisor)
                    let endings = try await PhaseSequence(
                        runners: runners, source: source, wish: .init(isForced: force, isOutdatedToo: outdated)
                    ).run(asked)
                    if format.json { Terminal.show(try JSON.line(endings)) }
                    if let status = interruption.exitStatus { return status }
                    return endings.allSatisfy(\.isWell) ? .done : .someFailed
                }
            }
        }

        private func isOn(_ phase: Phase, _ configuration: Volfefe.Configuration) -> Bool {
            !configuration.selections(phase, source: source).isEmpty
        }
    }

    /// `volfefe phases failed`
    struct Failed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "failed", abstract: "List contents that a phase failed on, with the reason.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: FigureOptions

        @Argument(help: "Phases (default: all).", transform: PhaseName.init)
        var names: [PhaseName] = [.all]

        @Option(name: .shortAndLong, help: "Only contents of this source.")
        var source: String?

        @Option(name: .shortAndLong, help: "The last N.")
        var limit = 50

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit must be at least 1.") }
        }

        func run() async throws {
            try await reportingErrors {
                let settings = try LoadedSettings(global)
                let store = try Store(path: settings.configuration.database, mode: .readOnly)
                let phases = names.contains(.all) ? Phase.allCases : names.compactMap(\.phase)
                let failures = try await store.phaseFailures(
                    phases, source: source, models: settings.models, limit: limit)
                var grid = Grid(["content", "<source", "<phase", "<model", "attempts", "<code", "<message", "<at"])
                for failure in failures {
                    grid.add(
                        .id(failure.contentID), .text(failure.source), .text(failure.phase.rawValue),
                        .text(failure.model ?? ""), .count(failure.attempts), .text(failure.code),
                        .text(failure.message), .text(failure.at.shown))
                }
                try format.show(failures, grid: grid) {
                    failures.isEmpty ? "no phase has failed on a content" : grid.rendered()
                }
                return .done
            }
        }
    }
}

/// A phase as an argument names it, or all of them.
enum PhaseName: Equatable, Sendable {
    case all
    case one(Phase)

    /// Reads a name; a wrong one is told the nearest.
    init(_ text: String) throws {
        if text == "all" {
            self = .all
        } else {
            self = .one(try Phase(named: text))
        }
    }

    var phase: Phase? {
        guard case .one(let phase) = self else { return nil }
        return phase
    }
}

extension Phase {
    /// As an argument names it. Throws with the nearest name.
    init(named argument: String) throws {
        guard let phase = Phase(rawValue: argument) else {
            let known = Phase.allCases.map(\.rawValue)
            let hint =
                nearestWord(to: argument, among: known).map { "did you mean \($0)?" }
                ?? "there are \(known.joined(separator: ", "))."
            throw ValidationError("\"\(argument)\" is no phase; \(hint)")
        }
        self = phase
    }
}
