import ArgumentParser
import Foundation
import Volfefe

/// The one switch on the output format of commands that print figures.
struct FigureOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON on stdout, with all digits.")
    var json = false

    @Flag(name: .long, help: "Print CSV on stdout, with all digits.")
    var csv = false

    func validate() throws {
        if json, csv { throw ValidationError("--json and --csv are two answers; take one.") }
    }

    /// Prints `value` as JSON, `grid` as CSV, or what `human` makes of them.
    func show<Value: Encodable>(_ value: Value, grid: @autoclosure () -> Grid, human: () -> String) throws {
        Terminal.show(json ? try JSON.line(value) : csv ? grid().csv : human())
    }
}

/// Which models a question is about.
struct ModelsOption: ParsableArguments {
    @Option(
        name: .long,
        help: "Models, as id or id@version, with commas between them (default: the newest version of each).",
        transform: References.init)
    var models: References?

    /// `a,b@2`.
    struct References: Sendable {
        let list: [ModelReference]

        init(_ text: String) throws {
            list = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                try ModelReference(argument: part.trimmingCharacters(in: .whitespaces))
            }
            guard Set(list).count == list.count else { throw ValidationError("a model is named twice: \(text).") }
        }
    }
}

extension ModelReference {
    /// As an argument gives it.
    init(argument: String) throws {
        guard let reference = ModelReference(argument) else {
            throw ValidationError("\"\(argument)\" is no model; write id or id@version.")
        }
        self = reference
    }
}

extension Store {
    /// The database of the settings, for reading.
    static func reading(_ global: GlobalOptions) throws -> Store {
        try Store(path: LoadedSettings(global).configuration.database, mode: .readOnly)
    }

    /// The database of the settings, for keeping what was derived from it; a missing one is not made.
    static func writing(_ configuration: Volfefe.Configuration) throws -> Store {
        guard FileManager.default.fileExists(atPath: configuration.database) else {
            throw StoreError.noDatabase(path: configuration.database)
        }
        return try Store(path: configuration.database, busyTimeout: configuration.busyTimeout)
    }
}

extension Estimate {
    /// `0.571 [0.421, 0.710]`, or why there is none.
    var text: String {
        guard let value else { return "– (\(reason ?? "not defined"))" }
        guard let low, let high else { return value.digits(3) }
        return "\(value.digits(3)) [\(low.digits(3)), \(high.digits(3))]"
    }
}
