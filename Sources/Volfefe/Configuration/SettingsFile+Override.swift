import Foundation
import Yams

extension SettingsFile {
    /// One setting from elsewhere than a file, read as if it stood in one; `origin` names where it is from.
    init(_ path: DottedPath, value: String, origin: String) {
        self.init(origin: origin)
        var names = path.names[...]
        let first = names.removeFirst()
        var node = Self.node(of: value)
        if first == "models", let id = names.popFirst() {
            // A list of entries that say their id.
            var fields: [(Node, Node)] = [(Node("id"), Node(id))]
            if let field = names.popFirst() {
                fields.append((Node(field), names.reversed().reduce(node) { .mapping(.init([(Node($1), $0)])) }))
            }
            read(key: Node(first), node: .sequence(.init([.mapping(.init(fields))])))
            return
        }
        for name in names.reversed() { node = .mapping(.init([(Node(name), node)])) }
        read(key: Node(first), node: node)
    }

    /// The settings of variables with two underscores, by name of the variable; what is no way to a setting is a problem.
    static func overrides(environment: [String: String], known: [String]) -> [SettingsFile] {
        environment.sorted { $0.key < $1.key }.compactMap { variable, value in
            guard !value.isEmpty, variable.hasPrefix("VOLFEFE_"), variable.dropFirst(8).contains("__") else {
                return nil
            }
            guard let path = DottedPath(variable: variable, known: known) else {
                var file = SettingsFile(origin: variable)
                file.problems.append(
                    "\(variable): two underscores stand between the names of settings, as in VOLFEFE_PHASES__TOPICS__MINIMUM_CONTENTS."
                )
                return file
            }
            return SettingsFile(path, value: value, origin: variable)
        }
    }

    /// The settings of `--set KEY=VALUE`, in their order.
    static func overrides(assignments: [String]) -> [SettingsFile] {
        assignments.map { assignment in
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            guard parts.count == 2, let path = DottedPath(parts[0]) else {
                var file = SettingsFile(origin: "--set \(parts[0])")
                file.problems.append(
                    "--set \(assignment): write KEY=VALUE, with dots in KEY, as in sources.truth_social.mode=full.")
                return file
            }
            return SettingsFile(path, value: parts[1], origin: "--set \(parts[0])")
        }
    }

    /// A value as YAML has it in one line; a list and a mapping stand in brackets, anything else is a word.
    private static func node(of value: String) -> Node {
        if let first = value.first, "[{".contains(first), let node = try? Yams.compose(yaml: value) { return node }
        return Node(value)
    }
}
