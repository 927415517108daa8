import ArgumentParser
import Foundation
import Inference
import Synchronization
import Volfefe

/// `volfefe doctor`: looks at everything that has to be right, and says what to do about what is not.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the installation, the models, the workers and the database.",
        discussion: """
            The database keeps counts of its verdicts, from which `stats` and the daily views
            answer. They follow from the verdicts: when they are not right, as after another
            program has written to the file, --rebuild makes them anew.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Flag(name: .long, help: "Make the counts in the database anew before it is checked.")
    var rebuild = false

    func run() async throws {
        try await reportingErrors {
            var examination = Examination()
            let supervisor = await examination.check("settings") {
                let supervisor = try Supervisor(global)
                let from =
                    supervisor.configuration.listing.contains { $0.origin.hasPrefix("VOLFEFE_") }
                    ? ", some from the environment" : ""
                return (
                    supervisor, "valid\(from); root \(supervisor.installation.root) (\(supervisor.installation.origin))"
                )
            }
            if let supervisor {
                await examination.check("python") {
                    ((), try supervisor.installation.python(supervisor.configuration.python))
                }
                await examination.check("workers") {
                    let ready = try await supervisor.withPool(workers: 1) { try await $0.ready() }
                    let packages = ready.environment.packages.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    return (
                        (),
                        "one became ready in \(ready.loadMs.digits(0)) ms: \(ready.models.count) models; Python \(ready.environment.python), \(packages.joined(separator: ", "))"
                    )
                }
                await examination.check("models") {
                    let failures = Mutex<[String]>([])
                    let status = try await supervisor.prepare(flags: ["--verify"]) { line in
                        guard let step = try? JSONDecoder().decode(PreparationStep.self, from: Data(line.utf8)),
                            step.type == "failed"
                        else { return }
                        failures.withLock { $0.append("\(step.model ?? "?"): \(step.message ?? "failed")") }
                    }
                    guard status == 0 else {
                        throw CommandError(.configuration, failures.withLock { $0.joined(separator: "; ") })
                    }
                    return ((), "\(supervisor.models.count) verified by their hashes")
                }
                await examination.check("engines") {
                    let models = await ListedModel.all(supervisor.configuration, supervisor: supervisor)
                    let active = models.filter(\.isActive)
                    let runs = active.map { "\($0.specification.id) on \($0.engine)" }.joined(separator: ", ")
                    return ((), [runs, models.advice].compactMap { $0 }.joined(separator: "; "))
                }
                await examination.check("memory") {
                    let gigabytes = (Double(ProcessMemory.available) / Double(1 << 30)).digits(1)
                    return ((), "\(gigabytes) GiB available: \(supervisor.workerCount) workers")
                }
                await examination.checkDatabase(supervisor, rebuild: rebuild)
            }
            try format.show(examination.findings) { findings in
                var table = Table(("check", .left), ("", .left), ("finding", .left))
                for finding in findings {
                    table.add(finding.check, finding.ok ? Style.green("ok") : Style.red("bad"), finding.finding)
                }
                return table.rendered()
            }
            return examination.findings.allSatisfy(\.ok) ? .done : .someFailed
        }
    }
}

/// What doctor has found so far.
private struct Examination {
    struct Finding: Encodable {
        let check: String
        let ok: Bool
        let finding: String
    }

    var findings: [Finding] = []

    /// Runs one check; an error is a finding, not an end.
    @discardableResult
    mutating func check<Value>(_ name: String, _ body: () async throws -> (Value, String)) async -> Value? {
        do {
            let (value, finding) = try await body()
            findings.append(Finding(check: name, ok: true, finding: finding))
            return value
        } catch {
            findings.append(Finding(check: name, ok: false, finding: "\(error)"))
            return nil
        }
    }

    mutating func checkDatabase(_ supervisor: Supervisor, rebuild: Bool) async {
        let path = supervisor.configuration.database
        guard FileManager.default.fileExists(atPath: path) else {
            findings.append(
                Finding(check: "database", ok: true, finding: "\(path) does not exist yet; ingest or classify makes it")
            )
            return
        }
        if rebuild {
            await check("rebuild") {
                try await supervisor.openStore().rebuildCounts()
                return ((), "the counts are made anew")
            }
        }
        let report = await check("database") {
            let report = try await supervisor.openStore(readOnly: true).integrityReport()
            guard report.isHealthy else {
                let found =
                    report.problems + [
                        "\(report.danglingReferences) dangling references", "\(report.wrongHashes) wrong hashes",
                        "\(report.wrongCounts) wrong counts"
                            + (report.wrongCounts > 0 ? " (`volfefe doctor --rebuild` makes them anew)" : ""),
                    ]
                throw CommandError(.internalError, "\(path): \(found.joined(separator: "; "))")
            }
            let bytes = report.bytesPerClassification.map { ", \($0.digits(0)) bytes per verdict" } ?? ""
            return (
                report,
                "\(path): \(report.contents.grouped) contents, \(report.predictions.grouped) verdicts, \(report.failures.grouped) failures, "
                    + "\(report.stale.grouped) stale, \((Double(report.fileBytes) / 1e6).digits(1)) MB\(bytes)"
            )
        }
        if let report { findings.append(Finding(check: "claims", ok: true, finding: report.claims)) }
    }
}

extension IntegrityReport {
    /// Who is at work on the database, and what dead supervisors have left.
    fileprivate var claims: String {
        let pids = liveOwners.map(String.init).joined(separator: ", ")
        let live =
            liveOwners.isEmpty
            ? "nobody is at work" : "\(liveOwners.count) at work (pid \(pids)) on \(liveClaims.grouped) contents"
        let killed = openRuns - liveOwners.count
        guard deadClaims > 0 || killed > 0 else { return live }
        return live
            + "; killed runs: \(killed.grouped), with \(deadClaims.grouped) contents unfinished: the next classify takes them over"
    }
}
