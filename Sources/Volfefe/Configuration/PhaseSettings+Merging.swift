import Foundation
import Yams

extension PhasesSettings {
    /// The `phases:` of several files: the later leaf wins. What is wrong is added to `problems`; `shipped` must hold every default.
    static func merge(
        _ leaves: [SettingsFile.Leaf], shipped: String, _ problems: inout [String], _ listed: inout [ListedSetting]
    ) -> PhasesSettings {
        var merged = MergedLeaves(leaves, prefix: "phases", shipped: shipped)
        var settings = PhasesSettings()
        let shared = PhaseSettingKey.shared.map { ($0.name, merged.text([$0.name], $0.kind)) }
        for (name, text) in shared {
            switch name {
            case "chunk": settings.chunk = Int(text) ?? settings.chunk
            case "processes": settings.processes = Int(text) ?? settings.processes
            case "max_attempts": settings.maxAttempts = Int(text) ?? settings.maxAttempts
            default: settings.requestTimeout = Duration(setting: text) ?? settings.requestTimeout
            }
        }
        for phase in Phase.allCases {
            let name = phase.rawValue
            var own = PhaseSettings(isEnabled: merged.text([name, "enabled"], .flag) == "true")
            own.schedule = merged.schedule([name, "schedule"])
            own.timeZone = merged.timeZone([name, "time_zone"])
            for key in PhaseSettingKey.known(phase) {
                own.worker[key.name] = key.value(merged.text([name, key.name], key.kind))
            }
            settings.phases[phase] = own
        }
        problems += merged.problems
        listed += merged.listed
        return settings
    }
}

/// Leaves of several files by their key, the last of each, checked as they are asked for.
struct MergedLeaves {
    private var leaves: [String: SettingsFile.Leaf] = [:]
    private let prefix: String
    private let shipped: String
    private(set) var problems: [String] = []
    private(set) var listed: [ListedSetting] = []

    init(_ leaves: [SettingsFile.Leaf], prefix: String, shipped: String) {
        for leaf in leaves { self.leaves[leaf.key.joined(separator: ".")] = leaf }
        self.prefix = prefix
        self.shipped = shipped
    }

    /// The leaf of `key`, and its dotted name for messages.
    func leaf(_ key: [String]) -> (leaf: SettingsFile.Leaf?, name: String) {
        let key = key.joined(separator: ".")
        return (leaves[key], "\(prefix).\(key)")
    }

    mutating func complain(_ origin: String?, _ sentence: String) {
        problems.append("\(origin ?? shipped): \(sentence).")
    }

    mutating func list(_ name: String, _ value: String, _ origin: String) {
        listed.append(ListedSetting(key: name, value: value, origin: origin))
    }

    /// A value that must be there, as `kind` wants it; "" where it is not.
    mutating func text(_ key: [String], _ kind: SettingKey.Kind) -> String {
        let (leaf, name) = leaf(key)
        guard let leaf else {
            complain(nil, "`\(name)` has no default here; restore the shipped file")
            return ""
        }
        guard let text = leaf.node.scalar?.string, kind.accepts(text) else {
            complain(
                leaf.origin,
                "`\(name)` must be \(kind.expectation)\(leaf.node.scalar.map { ", not \"\($0.string)\"" } ?? "")")
            return ""
        }
        list(name, text, leaf.origin)
        return text
    }

    /// A schedule, if there is one.
    mutating func schedule(_ key: [String]) -> String? {
        let (leaf, name) = leaf(key)
        guard let leaf, !leaf.node.isNull else { return nil }
        do {
            let text = try leaf.node.schedule()
            list(name, text, leaf.origin)
            return text
        } catch {
            complain(leaf.origin, "`\(name)`: \(error)")
            return nil
        }
    }

    /// A time zone; UTC where none is given.
    mutating func timeZone(_ key: [String]) -> String {
        let (leaf, name) = leaf(key)
        guard let leaf, !leaf.node.isNull else { return "UTC" }
        guard let zone = leaf.node.timeZone else {
            complain(leaf.origin, "`\(name)` must be a time zone such as Europe/Berlin, or UTC")
            return "UTC"
        }
        list(name, zone, leaf.origin)
        return zone
    }
}

extension Node {
    /// The schedule that a scalar holds, as it is kept; throws `CronSyntaxError`.
    func schedule() throws -> String { try CronSchedule(scalar?.string ?? "").text }

    /// The name of a time zone that a scalar holds.
    var timeZone: String? { scalar?.string.nonEmpty.flatMap { TimeZone(identifier: $0) == nil ? nil : $0 } }
}

extension String {
    /// The text, or nil when it is empty.
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
