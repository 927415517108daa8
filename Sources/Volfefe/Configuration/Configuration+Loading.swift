import Foundation
import Inference
import Yams

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Configuration {
    /// Where settings may come from.
    public struct Layers: Sendable {
        /// Flags of the command line, by setting key.
        public var flags: [String: String]
        /// `KEY=VALUE` of `--set`, with dots in the keys, in their order.
        public var assignments: [String]
        /// The environment.
        public var environment: [String: String]
        /// Folder in which `volfefe.yaml` is looked for.
        public var currentDirectory: String
        /// File given with `--config` instead.
        public var file: String?
        /// The shipped `volfefe.yaml`, the home of every default.
        public var shipped: String

        /// Creates layers.
        public init(
            flags: [String: String], assignments: [String] = [], environment: [String: String],
            currentDirectory: String, file: String?, shipped: String
        ) {
            self.flags = flags
            self.assignments = assignments
            self.environment = environment
            self.currentDirectory = currentDirectory
            self.file = file
            self.shipped = shipped
        }

        /// The files that exist, lowest first, each once.
        var files: [String] {
            var paths = [shipped]
            if let user = folder("XDG_CONFIG_HOME", orInHome: ".config").map({ $0 + "/volfefe.yaml" }),
                FileManager.default.fileExists(atPath: user)
            {
                paths.append(user)
            }
            let local = currentDirectory + "/volfefe.yaml"
            if let file {
                paths.append(file.hasPrefix("/") ? file : currentDirectory + "/" + file)
            } else if FileManager.default.fileExists(atPath: local) {
                paths.append(local)
            }
            var seen = Set<String>()
            // The highest layer that names a file counts; the shipped one stays lowest.
            return paths.filter { seen.insert(URL(filePath: $0).resolvingSymlinksInPath().path).inserted }
        }

        /// `$XDG_RUNTIME_DIR/volfefe`, or a folder of this user's own in `/tmp`.
        var defaultRuntimeDirectory: String {
            if let given = environment["XDG_RUNTIME_DIR"], !given.isEmpty { return given + "/volfefe" }
            return "/tmp/volfefe-\(geteuid())"
        }

        /// volfefe's folder in the one that `variable` names, else in that of the home folder; empty variables do not count.
        func folder(_ variable: String, orInHome name: String) -> String? {
            if let given = environment[variable], !given.isEmpty { return given + "/volfefe" }
            return environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/\(name)/volfefe" }
        }
    }

    /// Reads all layers. Throws `VolfefeError.configuration` with every problem found, or `.notFound`.
    public static func load(_ layers: Layers) throws -> Configuration {
        var files = try layers.files.map(SettingsFile.init(path:))
        let names = files.flatMap { $0.sources.map(\.name) + $0.models.map(\.id) + $0.cron.map(\.name) }
        files += SettingsFile.overrides(environment: layers.environment, known: names)
        let assigned = SettingsFile.overrides(assignments: layers.assignments)
        files += assigned
        var problems = files.flatMap(\.problems)
        var values: [SettingKey: SettingsFile.Value] = [:]
        for file in files { values.merge(file.scalars) { $1 } }
        for key in SettingKey.allCases {
            func take(_ text: String?, _ origin: String) {
                guard let text, !text.isEmpty else { return }
                if key.kind.accepts(text) {
                    values[key] = .init(text: text, origin: origin)
                } else {
                    problems.append("\(origin): `\(key.rawValue)` must be \(key.kind.expectation), not \"\(text)\".")
                }
            }
            take(layers.environment[key.variable], key.variable)
            for file in assigned { if let value = file.scalars[key] { values[key] = value } }
            take(layers.flags[key.rawValue], "--\(key.rawValue)")
        }
        for key in SettingKey.allCases where values[key] == nil {
            problems.append("\(layers.shipped): `\(key.rawValue)` has no default here; restore the shipped file.")
        }
        var listed: [ListedSetting] = SettingKey.allCases.map {
            ListedSetting(key: $0.rawValue, value: values[$0]?.text ?? "", origin: values[$0]?.origin ?? "")
        }
        var registry = Registry()
        for file in files { file.models.forEach { registry.merge(id: $0.id, fields: $0.fields) } }
        let models = registry.specifications(&problems, &listed)
        let sources = SourceSettings.merge(files.flatMap(\.sources), &problems, &listed)
        let phases = PhasesSettings.merge(files.flatMap(\.phases), shipped: layers.shipped, &problems, &listed)
        let gates = GateSettings.merge(files.flatMap(\.gates), shipped: layers.shipped, &problems, &listed)
        var cron = CronEntry.merge(files.flatMap(\.cron), &problems, &listed)
        cron += CronEntry.scheduled(phases, sources, taken: cron.map(\.name), &problems)
        guard problems.isEmpty else { throw VolfefeError.configuration(problems) }

        func text(_ key: SettingKey) -> String { values[key]?.text ?? "" }
        func count(_ key: SettingKey) -> Int { Int(text(key)) ?? 0 }
        func duration(_ key: SettingKey) -> Duration { Duration(setting: text(key)) ?? .zero }
        let cache = layers.folder("XDG_CACHE_HOME", orInHome: ".cache") ?? "/tmp/volfefe"
        return Configuration(
            database: text(.database), profile: text(.profile), python: text(.python),
            cacheDirectory: text(.cacheDirectory).isEmpty ? cache : text(.cacheDirectory),
            worker: text(.worker), workers: count(.workers), workersMin: count(.workersMin),
            threadsPerWorker: count(.threadsPerWorker), workerMemoryMB: count(.workerMemoryMB),
            memorySoftMB: count(.memorySoftMB), memoryHardMB: count(.memoryHardMB), maxRequests: count(.maxRequests),
            maxAge: duration(.maxAge), idleAge: duration(.idleAge),
            batchSize: count(.batchSize), reuse: text(.reuse) == "true", commitEvery: count(.commitEvery),
            startTimeout: duration(.startTimeout),
            requestTimeout: duration(.requestTimeout), firstRequestTimeout: duration(.firstRequestTimeout),
            shutdownGrace: duration(.shutdownGrace), terminationGrace: duration(.terminationGrace),
            maxAttempts: count(.maxAttempts),
            restartLimit: count(.restartLimit), restartWindow: duration(.restartWindow),
            backoffInitial: duration(.backoffInitial), backoffMax: duration(.backoffMax),
            healthInterval: duration(.healthInterval), healthWindow: duration(.healthWindow),
            runtimeDirectory: text(.runtimeDirectory).isEmpty
                ? layers.defaultRuntimeDirectory : text(.runtimeDirectory),
            busyTimeout: duration(.busyTimeout),
            maxLineBytes: count(.maxLineBytes), maxTextBytes: count(.maxTextBytes),
            jobAttempts: count(.jobAttempts), jobBackoff: duration(.jobBackoff),
            jobBackoffMax: duration(.jobBackoffMax),
            jobPoll: duration(.jobPoll), jobLease: duration(.jobLease), keepCompleted: duration(.keepCompleted),
            keepCancelled: duration(.keepCancelled), syncCommits: text(.syncCommits) == "true", cron: cron,
            alertCommand: text(.alertCommand), phases: phases, gates: gates, sources: sources, models: models,
            listing: listed)
    }
}
