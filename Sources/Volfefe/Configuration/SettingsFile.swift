import Foundation
import Inference
import Yams

/// One settings file, read and checked: every problem in it is collected with its line.
struct SettingsFile {
    /// A scalar with the place it stands at.
    struct Value {
        var text: String
        var origin: String
    }

    /// Fields of a model or a source as written, with their places.
    typealias Fields = [String: (node: Node, origin: String)]

    /// A value below `phases:` or `gates:`, with the names that lead to it.
    struct Leaf {
        var key: [String]
        var node: Node
        var origin: String
    }

    let path: String
    private(set) var scalars: [SettingKey: Value] = [:]
    private(set) var models: [(id: String, fields: Fields)] = []
    private(set) var sources: [(name: String, fields: Fields)] = []
    private(set) var cron: [(name: String, fields: Fields)] = []
    var phases: [Leaf] = []
    var gates: [Leaf] = []
    var problems: [String] = []

    static let modelKeys = [
        "id", "engine", "source", "revision", "commit", "version", "labels", "has_neutral", "max_tokens", "weight",
        "precision", "device", "enabled", "profiles",
    ]
    /// What stands at the top besides scalars.
    static let groups = ["models", "sources", "cron", "phases", "gates"]

    /// Nothing yet, from somewhere that is no file.
    init(origin: String) { path = origin }

    /// Reads `path`; throws when there is no such file or when it is no YAML at all.
    init(path: String) throws {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path) else {
            throw VolfefeError.notFound(
                "cannot read the settings file \(path): it does not exist, or permission is missing.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw VolfefeError.configuration(["\(path): not UTF-8 text; convert it, for example with iconv -t utf-8."])
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw VolfefeError.configuration([Self.sentence(error, path: path)])
        }
        guard let root else { return }  // an empty file changes nothing
        guard let mapping = root.mapping else {
            if root.scalar?.string.isEmpty == true || root == .scalar(.init("null")) { return }
            throw VolfefeError.configuration(["\(place(of: root)): settings are `key: value` lines."])
        }
        for (key, node) in mapping { read(key: key, node: node) }
    }

    mutating func read(key: Node, node: Node) {
        let name = key.string ?? ""
        switch name {
        case "models": readModels(node)
        case "sources": readSources(node)
        case "cron": readCron(node)
        case "phases": readPhases(node)
        case "gates": readGates(node)
        default:
            guard let setting = SettingKey(rawValue: name) else {
                let known = SettingKey.allCases.map(\.rawValue) + Self.groups
                return unknown(key, among: known, what: "setting")
            }
            guard let scalar = node.scalar else {
                return complain(node, "`\(name)` must be \(setting.kind.expectation)")
            }
            let text = node.isNull ? "" : scalar.string
            guard setting.kind.accepts(text) else {
                return complain(node, "`\(name)` must be \(setting.kind.expectation), not \"\(text)\"")
            }
            scalars[setting] = Value(text: text, origin: place(of: key))
        }
    }

    private mutating func readModels(_ node: Node) {
        guard let entries = node.isNull ? [] : node.sequence.map(Array.init) else {
            return complain(node, "`models` must be a list of entries that begin with `- id: …`")
        }
        var seen: [String: String] = [:]
        for entry in entries {
            guard let fields = fields(of: entry, known: Self.modelKeys, what: "field of a model") else { continue }
            guard let id = fields["id"]?.node.string, !id.isEmpty else {
                complain(entry, "a model needs an `id`")
                continue
            }
            if let first = seen[id] {
                complain(entry, "the model `\(id)` is already defined at \(first)")
                continue
            }
            seen[id] = place(of: entry)
            models.append((id, fields))
        }
    }

    private mutating func readSources(_ node: Node) {
        guard let entries = node.isNull ? Node.Mapping([]) : node.mapping else {
            return complain(node, "`sources` must hold an entry per source name")
        }
        for (key, entry) in entries {
            guard let name = key.string,
                let fields = fields(of: entry, known: SourceSettings.settingKeys, what: "field of a source")
            else { continue }
            sources.append((name, fields))
        }
    }

    private mutating func readCron(_ node: Node) {
        guard let entries = node.isNull ? Node.Mapping([]) : node.mapping else {
            return complain(node, "`cron` must hold an entry per name")
        }
        for (key, entry) in entries {
            guard let name = key.string, !name.isEmpty,
                let fields = fields(of: entry, known: CronEntry.settingKeys, what: "field of a cron entry")
            else { continue }
            cron.append((name, fields))
        }
    }

    mutating func fields(of entry: Node, known: [String], what: String) -> Fields? {
        guard let mapping = entry.mapping else {
            complain(entry, "expected `key: value` lines here")
            return nil
        }
        var fields: Fields = [:]
        for (key, node) in mapping {
            guard let name = key.string, known.contains(name) else {
                unknown(key, among: known, what: what)
                continue
            }
            fields[name] = (node, place(of: key))
        }
        return fields
    }

    mutating func unknown(_ key: Node, among known: [String], what: String) {
        let name = key.string ?? "?"
        let hint =
            nearest(to: name, among: known).map { "did you mean `\($0)`?" }
            ?? "known are: \(known.joined(separator: ", "))"
        complain(key, "`\(name)` is no \(what); \(hint)")
    }

    mutating func complain(_ node: Node, _ sentence: String) {
        problems.append("\(place(of: node)): \(sentence)" + (sentence.hasSuffix("?") ? "" : "."))
    }

    func place(of node: Node) -> String {
        node.mark.map { "\(path):\($0.line)" } ?? path
    }

    private static func sentence(_ error: YamlError, path: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(path):\(mark.line):\(mark.column): not valid YAML: \(problem)."
        case .duplicatedKeysInMapping(let keys, let context):
            "\(path):\(context.mark.line): the key \(keys.map { "`\($0)`" }.joined(separator: ", ")) stands twice in one mapping."
        default:
            "\(path): not valid YAML."
        }
    }
}

extension Node {
    /// Whether the node is an empty value, `null` or `~`.
    var isNull: Bool {
        tag.description.hasSuffix(":null") || (scalar?.string.isEmpty == true && scalar?.style == .plain)
    }
}
