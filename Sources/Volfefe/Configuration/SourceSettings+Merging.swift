import Yams

extension SourceSettings {
    /// What an entry of `sources:` may say.
    static let settingKeys = [
        "fields", "html", "mode", "phases", "schedules", "time_zone", "required", "thresholds",
    ]

    /// The `sources:` of several files, merged by name and field: the later entry wins. What is wrong is added to `problems`.
    static func merge(
        _ entries: [(name: String, fields: SettingsFile.Fields)], _ problems: inout [String],
        _ listed: inout [ListedSetting]
    ) -> [String: SourceSettings] {
        var sources: [String: SourceSettings] = [:]
        var listing: [String: ListedSetting] = [:]
        for (name, fields) in entries {
            var source = sources[name] ?? SourceSettings()
            func set(_ key: String, _ value: String, _ origin: String) {
                let key = "sources.\(name).\(key)"
                listing[key] = ListedSetting(key: key, value: value, origin: origin)
            }
            if let (node, origin) = fields["html"] {
                if let html = HTML(node) {
                    source.html = html
                    set("html", html.rawValue, origin)
                } else {
                    problems.append("\(origin): `html` must be auto, yes or no.")
                }
            }
            if let (node, origin) = fields["mode"] {
                if let mode = node.scalar.flatMap({ IngestMode(rawValue: $0.string) }) {
                    source.mode = mode
                    set("mode", mode.rawValue, origin)
                } else {
                    problems.append("\(origin): `mode` must be fast or full.")
                }
            }
            if let (node, origin) = fields["fields"] {
                for (key, path) in Self.paths(node, origin, &problems) {
                    source.fields[key] = path
                    set("fields.\(key)", path, origin)
                }
            }
            source.readPhases(fields, &problems, set)
            source.readGates(fields, &problems, set)
            sources[name] = source
        }
        listed += listing.values.sorted { $0.key < $1.key }
        return sources
    }

    private static func paths(_ node: Node, _ origin: String, _ problems: inout [String]) -> [(String, String)] {
        let known = FieldMapping.Field.allCases.map(\.rawValue)
        let rule = "`fields` maps \(known.joined(separator: ", ")) to fields of the input, such as {text: title}"
        guard let mapping = node.isNull ? Node.Mapping([]) : node.mapping else {
            problems.append("\(origin): \(rule).")
            return []
        }
        return mapping.compactMap { key, value in
            guard let field = key.string, known.contains(field), let path = value.scalar?.string, !path.isEmpty else {
                problems.append("\(origin): \(rule); `\(key.string ?? "?")` does not.")
                return nil
            }
            return (field, path)
        }
    }
}

extension SourceSettings.HTML {
    /// `auto`, `yes` or `no`; YAML's `true` and `false` mean the latter two.
    fileprivate init?(_ node: Node) {
        guard let word = node.scalar?.string else { return nil }
        self.init(rawValue: ["true": "yes", "false": "no"][word] ?? word)
    }
}
