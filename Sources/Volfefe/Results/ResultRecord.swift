import Foundation
import Inference

/// One record of a results file: a text, and what models said about it.
struct ResultRecord {
    /// Line at which it begins.
    var line: Int
    /// Id of a content of this database.
    var contentID: Int64?
    /// Source of the content; nil where the file does not tell.
    var source: String?
    /// Identity in the source: `external_id`, else `id`.
    var externalID: String?
    /// `id`, where it is a whole number and could mean a content of this database.
    var number: Int64?
    /// The text that was judged.
    var text: String?
    /// Hash of the text that was judged.
    var hash: Data?
    /// Facts of the text.
    var textInfo: TextInfo?
    /// What is known about the content beside: for one that is not stored yet.
    var author, url: String?
    var publishedAt: Date?
    var meta: String?
    /// When the models were asked, in seconds since 1970.
    var timestamp: Double?
    /// What models said, in the order of the file.
    var blocks: [ResultBlock] = []
    /// Models that gave no prediction.
    var failures = 0

    /// Fields that are no facts of the content.
    private static let ownFields: Set<String> = [
        "line", "id", "content_id", "external_id", "source", "text", "text_info", "models", "timestamp", "author",
        "url",
        "published_at", "created_at", "preview", "error", "meta", "classifications", "text_version", "inserted_at",
        "updated_at",
    ]

    /// Reads a record that begins at `line`. Throws `ResultFault`.
    init(_ fields: [JSONValue.Member], line: Int) throws {
        self.line = line
        if let error = fields["error"], fields["models"]?.members?.isEmpty ?? true {
            let code = error["code"]?.string ?? "unknown"
            throw ResultFault(
                "the record says that its text could not be classified (\(code)); there is nothing in it.")
        }
        guard let models = fields["models"]?.members else {
            throw ResultFault(
                "there is no `models`; a record is a result map such as {\"external_id\": …, \"text\": …, \"models\": "
                    + "{\"vader\": {…}}}, as `volfefe classify --jsonl` prints it.")
        }
        try readIdentity(fields)
        author = fields["author"]?.string?.withoutNUL
        url = fields["url"]?.string?.withoutNUL
        publishedAt = (fields["published_at"] ?? fields["created_at"]).flatMap(Self.scalar)
            .flatMap(PublishedDate.parse)
        timestamp = fields["timestamp"]?.double
        let rest = (fields["meta"]?.members ?? []) + fields.filter { !Self.ownFields.contains($0.key) }
        meta = rest.isEmpty ? nil : JSONValue.object(rest).json
        for model in models {
            guard !model.key.isEmpty else { throw ResultFault("`models` has an entry without a name.") }
            if model.value["error"] != nil {
                failures += 1
            } else {
                blocks.append(
                    try ResultBlock(
                        modelID: model.key.withoutNUL, model.value, at: "models.\(model.key)"))
            }
        }
    }

    private mutating func readIdentity(_ fields: [JSONValue.Member]) throws {
        contentID = try fields["content_id"].map {
            guard let id = $0.whole else { throw ResultFault.field("content_id", "a whole number") }
            return Int64(id)
        }
        source = try fields["source"].map {
            guard let name = $0.string, !name.isEmpty else { throw ResultFault.field("source", "a text") }
            return name.withoutNUL
        }
        externalID = try (fields["external_id"] ?? fields["id"]).map {
            guard let id = Self.scalar($0), !id.isEmpty else { throw ResultFault.field("id", "a text or a number") }
            return id.withoutNUL
        }
        number = fields["external_id"] == nil ? fields["id"]?.whole.map(Int64.init) : nil
        text = try fields["text"].flatMap {
            guard let text = $0.string else { throw ResultFault.field("text", "a string") }
            return text.isEmpty ? nil : text
        }
        if let info = fields["text_info"] {
            textInfo = TextInfo(info)
            hash = info["sha256"]?.string.flatMap { Data(hexadecimal: $0, count: 32) }
        }
        guard contentID != nil || externalID != nil || text != nil || hash != nil else {
            throw ResultFault(
                "nothing says which text this is about: give `external_id` with `source`, `content_id`, `text`, or "
                    + "`text_info` with its `sha256`.")
        }
    }

    private static func scalar(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let digits): digits
        case .null, .bool, .array, .object: nil
        }
    }
}

extension TextInfo {
    /// Reads the facts that a result map holds; nil where one is missing.
    fileprivate init?(_ value: JSONValue) {
        func count(_ key: String) -> Int? { value[key]?.whole.flatMap { $0 >= 0 ? $0 : nil } }
        guard let chars = count("chars"), let words = count("words"), let lines = count("lines"),
            let urls = count("urls"), let hashtags = count("hashtags"), let mentions = count("mentions"),
            let exclamations = count("exclamations"), let questions = count("questions"),
            let share = value["upper_share"]?.double, (0...1).contains(share), let urlOnly = value["url_only"]?.bool,
            let sha256 = value["sha256"]?.string
        else { return nil }
        self.init(
            chars: chars, words: words, lines: lines, urls: urls, hashtags: hashtags, mentions: mentions,
            upperShare: share, exclamations: exclamations, questions: questions, urlOnly: urlOnly, sha256: sha256)
    }
}
