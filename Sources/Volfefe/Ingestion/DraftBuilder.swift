import Foundation

/// Turns one record of an input into a content: a decision without I/O.
struct DraftBuilder {
    /// A content with what is odd about it, or the reason why there is none.
    enum Outcome {
        case draft(ContentDraft, warning: String?)
        case problem(String)
    }

    let mapping: FieldMapping
    let html: SourceSettings.HTML
    /// Longest text in bytes.
    let maxTextBytes: Int

    private struct Unusable: Error {
        let message: String
    }

    func build(_ members: [JSONValue.Member]) -> Outcome {
        let fields = FieldMapping.Fields(members)
        var used = Set<String>()
        func find(_ field: FieldMapping.Field) -> JSONValue? {
            guard let found = mapping.find(field, in: fields) else { return nil }
            if let key = found.key { used.insert(key) }
            return found.value
        }
        do {
            let text = try text(find(.text), members)
            let externalID = try identity(find(.id), text: text)
            let date = find(.publishedAt).flatMap(Self.scalar)
            let publishedAt = date.flatMap(PublishedDate.parse)
            let draft = ContentDraft(
                externalID: externalID, text: text, author: find(.author).flatMap(Self.scalar),
                publishedAt: publishedAt,
                url: find(.url).flatMap(Self.scalar), meta: meta(members, without: used))
            let isDateLost = date != nil && publishedAt == nil
            let warning =
                "the date is in no known form and was left out; write it as 2025-10-31T18:09:12Z. The record is kept."
            return .draft(draft, warning: isDateLost ? warning : nil)
        } catch let unusable as Unusable {
            return .problem(unusable.message)
        } catch {
            return .problem("\(error)")
        }
    }

    private func text(_ value: JSONValue?, _ members: [JSONValue.Member]) throws -> String? {
        let raw: String
        switch value {
        case .string(let string): raw = string
        case .null: return nil
        case .bool, .number, .array, .object:
            throw Unusable(message: "the text must be a string; is another field meant? Name it with --map text=FIELD.")
        case nil: throw Unusable(message: missingText(members))
        }
        let isHTML = html == .yes || (html == .auto && HTMLText.looksLikeHTML(raw))
        let text = (isHTML ? HTMLText.clean(raw) : HTMLText.tidy(raw)).replacing("\0", with: "\u{FFFD}")
        guard text.utf8.count <= maxTextBytes else {
            throw Unusable(
                message:
                    "the text has \(text.utf8.count) bytes, more than the setting max_text_bytes allows (\(maxTextBytes))."
            )
        }
        return text.isEmpty ? nil : text
    }

    private func missingText(_ members: [JSONValue.Member]) -> String {
        let lists = members.filter { if case .array(let values) = $0.value { !values.isEmpty } else { false } }
        if let list = lists.first, lists.count == 1 {
            return "this object has no text, but a list in `\(list.key)`: if the posts are in there, take it out, for "
                + "example with: jq '.[\"\(list.key)\"]'"
        }
        let names = members.prefix(12).map(\.key).joined(separator: ", ")
        return "there is no text: looked for \(mapping.names(.text).joined(separator: ", ")); the record has "
            + "\(names.isEmpty ? "no fields" : names). Name the field with --map text=FIELD."
    }

    private func identity(_ value: JSONValue?, text: String?) throws -> String {
        switch value {
        case nil where mapping.given(.id) != nil:
            throw Unusable(
                message:
                    "there is no field `\(mapping.given(.id) ?? "")` for the id; correct --map or the source's `fields`."
            )
        case nil, .null:
            guard let text else {
                throw Unusable(
                    message: "there is neither an id nor a text; name the fields with --map id=FIELD --map text=FIELD.")
            }
            // The same text gets the same id, so reading a file twice stores it once.
            return ContentDraft.derivedID(text)
        case .string(let string):
            let id = HTMLText.collapse(string)
            if id.isEmpty { return try identity(.null, text: text) }
            guard !Self.isRounded(id) else { throw Unusable(message: Self.rounded) }
            return id
        case .number(let digits):
            guard digits.allSatisfy({ $0.isNumber || $0 == "-" }) else { throw Unusable(message: Self.rounded) }
            return digits
        case .bool, .array, .object:
            throw Unusable(message: "the id must be a string or a whole number.")
        }
    }

    private static let rounded =
        "the id is a rounded number (a spreadsheet does that to long ids), so it names no single post; export ids as text."

    /// Whether a spreadsheet has been at an id: `1.15374E+17`.
    private static func isRounded(_ id: String) -> Bool { id.wholeMatch(of: #/\d[.,]?\d*[eE]\+\d+/#) != nil }

    private static func scalar(_ value: JSONValue) -> String? {
        switch value {
        case .string(let string): string.isEmpty ? nil : string
        case .number(let digits): digits
        case .null, .bool, .array, .object: nil
        }
    }

    private func meta(_ members: [JSONValue.Member], without used: Set<String>) -> String? {
        let rest = members.filter { !used.contains($0.key) }
        return rest.isEmpty ? nil : JSONValue.object(rest).json
    }
}
