import Foundation
import Inference
import Yams

/// The `models:` of several files, merged by id: a later file changes the fields that it names, or appends an entry.
struct Registry {
    private var ids: [String] = []
    private var entries: [String: SettingsFile.Fields] = [:]

    mutating func merge(id: String, fields: SettingsFile.Fields) {
        if entries[id] == nil { ids.append(id) }
        entries[id, default: [:]].merge(fields) { $1 }
    }

    /// The entries as specifications; what is wrong with them is added to `problems`.
    func specifications(_ problems: inout [String], _ listed: inout [ListedSetting]) -> [ModelSpecification] {
        ids.compactMap { id in
            var entry = Entry(id: id, fields: entries[id] ?? [:])
            let specification = entry.specification()
            problems += entry.problems
            for key in SettingsFile.modelKeys where key != "id" {
                guard let (node, origin) = entries[id]?[key] else { continue }
                listed.append(.init(key: "models.\(id).\(key)", value: node.summary, origin: origin))
            }
            return specification
        }
    }

    /// Reads the fields of one entry, collecting problems.
    private struct Entry {
        let id: String
        let fields: SettingsFile.Fields
        var problems: [String] = []

        init(id: String, fields: SettingsFile.Fields) {
            self.id = id
            self.fields = fields
        }

        mutating func specification() -> ModelSpecification? {
            if id.contains(where: { !($0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0))) }) {
                complain("id", "must consist of ASCII letters, digits, `_`, `-` and `.`")
            }
            let labels = labels()
            let specification = ModelSpecification(
                id: id, engine: text("engine") ?? "", source: source() ?? "",
                revision: text("revision", needed: false),
                commit: text("commit", needed: false), version: text("version") ?? "", labels: labels,
                hasNeutral: flag("has_neutral") ?? labels.contains { $0.sentiment == .neutral },
                maxTokens: wholeNumber("max_tokens"), weight: number("weight") ?? 1,
                precision: optional("precision"), device: optional("device"), enabled: flag("enabled") ?? true,
                profiles: profiles())
            if let tokens = specification.maxTokens, tokens < 3 { complain("max_tokens", "must be at least 3") }
            if specification.weight < 0 { complain("weight", "must not be negative") }
            if specification.hasNeutral != labels.contains(where: { $0.sentiment == .neutral }), !labels.isEmpty {
                complain("has_neutral", "contradicts `labels`")
            }
            return problems.isEmpty ? specification : nil
        }

        /// A relative folder is meant from the file that names it, wherever the command is run.
        private mutating func source() -> String? {
            guard let source = text("source"), source.hasPrefix("folder:"), let origin = fields["source"]?.origin else {
                return text("source")
            }
            let file = origin.prefix(upTo: origin.lastIndex(of: ":") ?? origin.endIndex)
            let path = URL(filePath: String(source.dropFirst("folder:".count)), relativeTo: URL(filePath: String(file)))
            return "folder:" + path.standardizedFileURL.path
        }

        private mutating func text(_ key: String, needed: Bool = true) -> String? {
            guard let (node, _) = fields[key] else {
                if needed { complain("id", "needs `\(key)`") }
                return nil
            }
            guard let text = node.scalar?.string, !text.isEmpty else {
                complain(key, "must be a text")
                return nil
            }
            return text
        }

        /// A text that `null` takes back.
        private mutating func optional(_ key: String) -> String? {
            if let (node, _) = fields[key], node.isNull { return nil }
            return text(key, needed: false)
        }

        private mutating func number(_ key: String) -> Double? {
            guard let (node, _) = fields[key], !node.isNull else { return nil }
            guard let number = node.scalar.flatMap({ Double($0.string) }), number.isFinite else {
                complain(key, "must be a number")
                return nil
            }
            return number
        }

        private mutating func wholeNumber(_ key: String) -> Int? {
            guard let number = number(key) else { return nil }
            guard let whole = Int(exactly: number) else {
                complain(key, "must be a whole number")
                return nil
            }
            return whole
        }

        private mutating func flag(_ key: String) -> Bool? {
            guard let (node, _) = fields[key] else { return nil }
            guard let flag = node.bool else {
                complain(key, "must be true or false")
                return nil
            }
            return flag
        }

        private mutating func profiles() -> [String] {
            guard let (node, _) = fields["profiles"] else { return ["default"] }
            let names = node.sequence?.compactMap(\.string) ?? node.string.map { [$0] } ?? []
            if names.isEmpty { complain("profiles", "must be a list such as [default]") }
            return names
        }

        private mutating func labels() -> [ModelSpecification.Label] {
            guard let (node, _) = fields["labels"] else {
                complain("id", "needs `labels`")
                return []
            }
            guard let mapping = node.mapping, mapping.count >= 2 else {
                complain(
                    "labels",
                    "must map each output of the model to a sentiment, such as {NEGATIVE: negative, POSITIVE: positive}"
                )
                return []
            }
            return mapping.compactMap { key, value in
                guard let name = key.scalar?.string, let sentiment = value.string.flatMap(Sentiment.init) else {
                    complain(
                        "labels",
                        "maps \"\(key.scalar?.string ?? "?")\" to something that is not positive, neutral or negative")
                    return nil
                }
                return .init(name: name, sentiment: sentiment)
            }
        }

        private mutating func complain(_ key: String, _ what: String) {
            let origin = fields[key]?.origin ?? fields["id"]?.origin ?? "models"
            problems.append(
                key == "id"
                    ? "\(origin): the model `\(id)` \(what)." : "\(origin): `\(key)` of the model `\(id)` \(what).")
        }
    }
}

extension Node {
    /// The value on one line, for listings.
    fileprivate var summary: String {
        switch self {
        case .scalar(let scalar): scalar.string
        case .sequence(let sequence): sequence.map(\.summary).joined(separator: ", ")
        case .mapping(let mapping):
            mapping.map { "\($0.key.summary): \($0.value.summary)" }.joined(separator: ", ")
        case .alias: ""
        }
    }
}
