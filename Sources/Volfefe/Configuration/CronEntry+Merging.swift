import Foundation
import Yams

extension CronEntry {
    /// What an entry of `cron:` may say.
    static let settingKeys = [
        "schedule", "time_zone", "missed", "kind", "args", "queue", "priority", "source", "since",
    ]

    /// The `cron:` of several files, merged by name and field: the later entry wins. What is wrong is added to `problems`.
    static func merge(
        _ entries: [(name: String, fields: SettingsFile.Fields)], _ problems: inout [String],
        _ listed: inout [ListedSetting]
    ) -> [CronEntry] {
        var merged: [String: SettingsFile.Fields] = [:]
        for (name, fields) in entries { merged[name, default: [:]].merge(fields) { $1 } }
        return merged.keys.sorted().compactMap { name in
            let fields = merged[name, default: [:]]
            for key in settingKeys where fields[key]?.node.scalar != nil {
                listed.append(
                    ListedSetting(
                        key: "cron.\(name).\(key)", value: fields[key]?.node.scalar?.string ?? "",
                        origin: fields[key]?.origin ?? ""))
            }
            return entry(name, fields, &problems)
        }
    }

    private static func entry(
        _ name: String, _ fields: SettingsFile.Fields, _ problems: inout [String]
    ) -> CronEntry? {
        func text(_ key: String) -> String? { fields[key]?.node.scalar?.string }
        let place = fields.values.map { $0.origin }.min() ?? "cron"
        guard let schedule = text("schedule") else {
            problems.append("\(place): the cron entry `\(name)` needs a `schedule`, such as \"30 2 * * *\".")
            return nil
        }
        guard let missed = MissedRuns(rawValue: text("missed") ?? "one") else {
            problems.append("\(fields["missed"]?.origin ?? place): `missed` must be one, all or skip.")
            return nil
        }
        guard let priority = Int(text("priority") ?? "0"), (0...9).contains(priority) else {
            problems.append("\(fields["priority"]?.origin ?? place): `priority` must be a whole number from 0 to 9.")
            return nil
        }
        let since = text("since").map { Duration(setting: $0) }
        if case .some(.none) = since {
            problems.append("\(fields["since"]?.origin ?? place): `since` must be a duration such as 12h or 7d.")
            return nil
        }
        do {
            let filter = ContentFilter(source: text("source"), sinceSeconds: (since ?? nil).map { $0 / .seconds(1) })
            let arguments = String(decoding: try JSONEncoder().encode(filter), as: UTF8.self)
            return try CronEntry(
                name: name, schedule: schedule, timeZone: text("time_zone") ?? "UTC", missed: missed,
                kind: text("kind") ?? EnqueueHandler.name, arguments: text("args") ?? arguments,
                queue: text("queue") ?? "default", priority: priority, origin: .settings)
        } catch {
            problems.append("\(fields["schedule"]?.origin ?? place): the cron entry `\(name)`: \(error).")
            return nil
        }
    }
}
