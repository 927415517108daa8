import Foundation
import Subprocess

/// A line that a scripted worker wrote about itself.
struct WorkerEvent: Sendable {
    /// Nanoseconds of the machine's clock since it started.
    let time: UInt64
    let pid: Int32
    /// boot, ready, asked, obey, served.
    let word: String
    /// Names of texts, or of a directive.
    let rest: [String]
}

/// What `database.py report` finds.
struct DatabaseReport: Decodable, Sendable {
    let contents, predictions: Int
    /// Model id → predictions.
    let models: [String: Int]
    /// External id, model id, code.
    let failures: [[String]]
    /// Content and model with more than one row; rows that belong to another text; texts that reached workers changed.
    let doubled, wrong, altered: Int
    let damage: [String]
}

extension Bench {
    /// Processes of this bench that run now.
    func processes() -> [Int32] { Proc.processes(withEnvironment: "SCRIPTED_WORKER_STATE=\(folder)\0") }

    /// Waits until no process of this bench is left; says which are. `sparingGrandchildren`: what workers had started may be
    /// there, as after a SIGKILL of the supervisor the next run ends it.
    func expectNoProcess(
        _ seen: inout Seen, _ when: String = "", sparingGrandchildren: Bool = false
    ) async throws {
        @Sendable func remaining() -> [Int32] {
            let spared = sparingGrandchildren ? Set(grandchildren()) : []
            return processes().filter { !spared.contains($0) }
        }
        let isEmpty = try await eventually(within: .seconds(3), every: .milliseconds(20)) { remaining().isEmpty }
        guard !isEmpty else { return }
        let left = remaining()
        let example = left.first.map(Proc.command) ?? ""
        seen.require(left.isEmpty, "\(left.count) processes left\(when), such as \(example.preview(80))")
    }

    /// What the workers wrote about themselves so far.
    func events() -> [WorkerEvent] {
        guard let data = try? Data(contentsOf: URL(filePath: path("events"))) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard parts.count >= 3, let time = UInt64(parts[0]), let pid = Int32(parts[1]) else { return nil }
            return WorkerEvent(
                time: time, pid: pid, word: String(parts[2]), rest: parts.dropFirst(3).map(String.init))
        }
    }

    /// Waits for an event. Throws when it does not come.
    func event(
        within limit: Duration = .seconds(20), _ isMeant: (WorkerEvent) -> Bool
    ) async throws -> WorkerEvent {
        var found: WorkerEvent?
        _ = try await eventually(within: limit) {
            found = events().first(where: isMeant)
            return found != nil
        }
        guard let found else { throw CommandError(.internalError, "no worker came so far that the fault could happen") }
        return found
    }

    /// Runs one command of database.py and gives what it printed.
    @discardableResult
    func database(_ command: String..., path: String? = nil) async throws -> String {
        let launch = Launch(
            arguments: [try tools.file("database.py"), path ?? database] + command, program: try interpreter())
        let ended = try await run(launch)
        guard ended.status == 0 else {
            throw CommandError(.internalError, "the database could not be looked at (\(ended.ending))")
        }
        return ended.output
    }

    /// The first column of the first row of a query.
    func number(_ query: String) async throws -> Int {
        struct Rows: Decodable { let first: Int }
        let rows = try JSONDecoder().decode([[Int]].self, from: Data(try await database("query", query).utf8))
        return rows.first?.first ?? 0
    }

    /// The interpreter as a path, which launch.py needs.
    func interpreter() throws -> String {
        guard !tools.python.contains("/") else { return tools.python }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { "\($0)/\(tools.python)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { throw CommandError(.notFound, "\(tools.python) is not on the PATH.") }
        return found
    }

    /// Everything in the database, or in another one.
    func report(_ path: String? = nil) async throws -> DatabaseReport {
        try JSONDecoder().decode(DatabaseReport.self, from: Data(try await database("report", path: path).utf8))
    }

    /// Requires that every text has a prediction of every model exactly once, of its own, in a sound file, but for what
    /// is set aside: text name → code of the failure that all its models have, and single cells as text, model, code.
    @discardableResult
    func expectRows(
        _ seen: inout Seen, texts: Int, setAside: [String: String] = [:], cells: [[String]] = [], path: String? = nil
    ) async throws -> DatabaseReport {
        let report = try await report(path)
        let expected = Set(
            cells + setAside.flatMap { name, code in Self.models.map { [name, $0, code] } })
        let failures = Set(report.failures)
        let rows = texts * Self.models.count - expected.count
        seen.require(report.contents == texts, "\(report.contents) texts are stored, \(texts) were given")
        seen.require(report.predictions == rows, "\(report.predictions) rows, \(rows) are due")
        seen.require(report.doubled == 0, "\(report.doubled) rows are there twice")
        seen.require(report.wrong == 0, "\(report.wrong) rows are another text's")
        seen.require(report.altered == 0, "\(report.altered) texts reached the workers changed")
        seen.require(report.damage.isEmpty, "the database is damaged: \(report.damage.prefix(3))")
        for (set, word) in [
            (failures.subtracting(expected), "set aside wrongly"), (expected.subtracting(failures), "not set aside"),
        ] {
            seen.require(set.isEmpty, "\(set.count) cells \(word), such as \(set.first ?? [])")
        }
        let aside = expected.isEmpty ? "" : ", \(expected.count) cells set aside"
        seen.note("\(report.predictions.grouped) rows of \(texts.grouped) × \(Self.models.count)\(aside)")
        return report
    }
}
