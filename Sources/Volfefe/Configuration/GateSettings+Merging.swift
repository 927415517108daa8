import Yams

extension GateSettings {
    /// What `gates:` may hold besides thresholds.
    static let requiredKey = "required"

    /// The `gates:` of several files: the later leaf wins. What is wrong is added to `problems`; `shipped` must hold every default.
    static func merge(
        _ leaves: [SettingsFile.Leaf], shipped: String, _ problems: inout [String], _ listed: inout [ListedSetting]
    ) -> GateSettings {
        var merged = MergedLeaves(leaves, prefix: "gates", shipped: shipped)
        var settings = GateSettings(required: [])
        let (required, name) = merged.leaf([requiredKey])
        if let required {
            if let fields = required.node.requiredFields {
                settings.required = fields
                merged.list(name, fields.joined(separator: ", "), required.origin)
            } else {
                merged.complain(required.origin, "`\(name)` must be \(FieldMapping.Field.expectation)")
            }
        } else {
            merged.complain(nil, "`\(name)` has no default here; restore the shipped file")
        }
        for gate in Gate.allCases {
            let (leaf, name) = merged.leaf([gate.rawValue])
            guard let leaf else {
                merged.complain(nil, "`\(name)` has no default here; restore the shipped file")
                continue
            }
            guard settings.thresholds.read(gate, leaf.node) else {
                merged.complain(leaf.origin, "`\(name)` must be \(gate.expectation)")
                continue
            }
            merged.list(name, leaf.node.scalar?.string ?? "", leaf.origin)
        }
        problems += merged.problems
        listed += merged.listed
        return settings
    }
}

extension GateThresholds {
    /// Takes the threshold of a gate, or that it is off, from a scalar; false when it is neither.
    mutating func read(_ gate: Gate, _ node: Node) -> Bool {
        guard let text = node.scalar?.string else { return false }
        values[gate] = nil
        off.remove(gate)
        if text == "off" {
            off.insert(gate)
            return true
        }
        let value: Double? =
            switch gate.unit {
            case .share: Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
            case .count: Int(text).flatMap { $0 >= 0 ? Double($0) : nil }
            case .seconds: Duration(setting: text).map { $0 / .seconds(1) }
            }
        values[gate] = value
        return value != nil
    }
}

extension Gate {
    /// For messages: "a number from 0 to 1, or off".
    var expectation: String {
        switch unit {
        case .share: "a number from 0 to 1, or off"
        case .count: "a whole number from 0, or off"
        case .seconds: "a duration such as 12h or 7d, or off"
        }
    }
}

extension FieldMapping.Field {
    /// For messages about `required`.
    static var expectation: String {
        "a list of \(allCases.map(\.rawValue).joined(separator: ", ")), such as [text, published_at]"
    }
}

extension Node {
    /// Names of fields of ours, from a list or one word; nil when one of them is none.
    var requiredFields: [String]? {
        if isNull { return [] }
        guard let names = sequence?.map(\.scalar?.string) ?? scalar.map({ [$0.string] }) else { return nil }
        let known = names.compactMap { $0.flatMap(FieldMapping.Field.init)?.rawValue }
        return known.count == names.count ? known : nil
    }
}
