import Yams

extension SettingsFile {
    /// Reads `phases:`: settings that all share, and an entry per phase.
    mutating func readPhases(_ node: Node) {
        guard let entries = node.isNull ? Node.Mapping([]) : node.mapping else {
            return complain(node, "`phases` must hold an entry per phase")
        }
        let shared = PhaseSettingKey.shared.map(\.name)
        for (key, entry) in entries {
            let name = key.string ?? ""
            if shared.contains(name) {
                phases.append(Leaf(key: [name], node: entry, origin: place(of: key)))
                continue
            }
            guard let phase = Phase(rawValue: name) else {
                unknown(key, among: shared + Phase.allCases.map(\.rawValue), what: "phase, nor a setting of all")
                continue
            }
            let known = PhaseSettingKey.common + PhaseSettingKey.known(phase).map(\.name)
            guard !entry.isNull, let fields = fields(of: entry, known: known, what: "setting of the phase \(name)")
            else {
                continue
            }
            for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
                phases.append(Leaf(key: [name, field], node: value.node, origin: value.origin))
            }
        }
    }

    /// Reads `gates:`: the fields that contents must have, and a threshold per gate.
    mutating func readGates(_ node: Node) {
        guard let entries = node.isNull ? Node.Mapping([]) : node.mapping else {
            return complain(node, "`gates` must hold a threshold per gate")
        }
        let known = [GateSettings.requiredKey] + Gate.allCases.map(\.rawValue)
        for (key, value) in entries {
            guard let name = key.string, known.contains(name) else {
                unknown(key, among: known, what: "gate")
                continue
            }
            gates.append(Leaf(key: [name], node: value, origin: place(of: key)))
        }
    }
}
