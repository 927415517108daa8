import Yams

extension SourceSettings {
    /// Takes note of a setting, its value and its origin.
    typealias Listing = (_ key: String, _ value: String, _ origin: String) -> Void

    /// Reads which phases are on for the source, and when they run by themselves.
    mutating func readPhases(_ fields: SettingsFile.Fields, _ problems: inout [String], _ list: Listing) {
        for (phase, node, origin) in Self.entries(of: "phases", fields, Phase.self, "phase", &problems) {
            guard let flag = node.bool else {
                problems.append("\(origin): `phases.\(phase.rawValue)` must be true or false.")
                continue
            }
            phases[phase] = flag
            list("phases.\(phase.rawValue)", "\(flag)", origin)
        }
        for (phase, node, origin) in Self.entries(of: "schedules", fields, Phase.self, "phase", &problems) {
            guard !node.isNull else {
                schedules[phase] = nil
                continue
            }
            do {
                let schedule = try node.schedule()
                schedules[phase] = schedule
                list("schedules.\(phase.rawValue)", schedule, origin)
            } catch {
                problems.append("\(origin): `schedules.\(phase.rawValue)`: \(error).")
            }
        }
        if let (node, origin) = fields["time_zone"] {
            if let zone = node.timeZone {
                timeZone = zone
                list("time_zone", zone, origin)
            } else {
                problems.append("\(origin): `time_zone` must be a time zone such as Europe/Berlin, or UTC.")
            }
        }
    }

    /// Reads what its contents must have, and its thresholds.
    mutating func readGates(_ fields: SettingsFile.Fields, _ problems: inout [String], _ list: Listing) {
        if let (node, origin) = fields["required"] {
            if let names = node.requiredFields {
                required = names
                list("required", names.joined(separator: ", "), origin)
            } else {
                problems.append("\(origin): `required` must be \(FieldMapping.Field.expectation).")
            }
        }
        for (gate, node, origin) in Self.entries(of: "thresholds", fields, Gate.self, "gate", &problems) {
            guard gate.isPerSource else {
                problems.append(
                    "\(origin): the gate `\(gate.rawValue)` is about all contents, not about one source; set it under `gates`."
                )
                continue
            }
            guard thresholds.read(gate, node) else {
                problems.append("\(origin): `thresholds.\(gate.rawValue)` must be \(gate.expectation).")
                continue
            }
            list("thresholds.\(gate.rawValue)", node.scalar?.string ?? "", origin)
        }
    }

    /// The entries of a mapping whose keys are cases of an enumeration, with the place of the mapping or better.
    private static func entries<Key: RawRepresentable & CaseIterable>(
        of field: String, _ fields: SettingsFile.Fields, _: Key.Type, _ what: String, _ problems: inout [String]
    ) -> [(Key, Node, String)] where Key.RawValue == String {
        guard let (node, origin) = fields[field] else { return [] }
        guard let mapping = node.isNull ? Node.Mapping([]) : node.mapping else {
            problems.append("\(origin): `\(field)` must hold a `\(what): value` per \(what).")
            return []
        }
        let known = Key.allCases.map(\.rawValue)
        return mapping.compactMap { key, value in
            // The file of the mapping, the line of the entry.
            let place =
                key.mark.map { "\(origin.prefix(upTo: origin.lastIndex(of: ":") ?? origin.endIndex)):\($0.line)" }
                ?? origin
            guard let name = key.string, let found = Key(rawValue: name) else {
                let name = key.string ?? "?"
                let hint =
                    nearest(to: name, among: known).map { "did you mean `\($0)`?" }
                    ?? "known are: \(known.joined(separator: ", "))."
                problems.append("\(place): `\(name)` is no \(what); \(hint)")
                return nil
            }
            return (found, value, place)
        }
    }
}
