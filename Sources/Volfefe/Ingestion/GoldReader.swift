import Foundation
import Inference

/// A label as a file has it, and what the file says of the content that it is for.
struct GoldDraft: Sendable, Hashable {
    /// The content's id; nil when the file does not say.
    var contentID: Int64?
    /// Whether it surely is that, and no number of the file's own.
    var isContentIDCertain = false
    /// Its source, and its id there; nil when the file does not say both.
    var source, externalID: String?
    /// SHA-256 hashes of the text, as `ingest` would store it and as it is; empty without one.
    var textHashes: [Data]
    /// The label.
    var sentiment: Sentiment
    /// Who says so; empty when nobody is named.
    var annotator: String
}

/// Reads labels from a JSON, JSON Lines or CSV input one by one, in constant memory; a bad record costs only itself.
struct GoldReader {
    /// What `next()` gives.
    enum Record {
        /// A label, and the line at which its record begins.
        case label(GoldDraft, line: Int)
        /// A record whose label is empty, or one to be skipped.
        case unlabelled
        case problem(InputProblem)
    }

    /// How records are read.
    struct Rules: Sendable {
        var fields: GoldFields
        var labels: LabelNames
        /// Source and annotator of records that name none.
        var source, annotator: String?
    }

    private let file: String
    private let rules: Rules
    private var records: any RecordReader

    /// Opens `path`; "-" is standard input. `format` nil: by the extension, else by the first byte.
    ///
    /// Throws `.notFound` when it cannot be read, `.badInput` when it is empty or no text, or when columns are missing.
    init(path: String, format: InputFormat?, rules: Rules, maxLineBytes: Int) throws {
        let input = try InputFile(path: path)
        var source = ByteSource { try input.read() }
        file = input.name
        self.rules = rules
        try InputEncoding.check(&source, name: file)
        switch try format ?? InputFormat(path: path) ?? ContentReader.guess(&source) {
        case .json: records = JSONRecords(source, file: file, limit: maxLineBytes)
        case .jsonl: records = JSONLinesRecords(source, file: file, limit: maxLineBytes)
        case .csv:
            let rows = try CSVRecords(source, file: file, limit: maxLineBytes)
            try rules.fields.check(header: rows.header, file: file)
            records = rows
        }
    }

    /// The next record; nil at the end. Throws `.inputOutput` when reading fails.
    mutating func next() throws -> Record? {
        guard let record = try records.next() else { return nil }
        switch record {
        case .problem(let problem): return .problem(problem)
        case .fields(let members, let line):
            switch rules.read(FieldMapping.Fields(members)) {
            case .success(let draft): return draft.map { .label($0, line: line) } ?? .unlabelled
            case .failure(let unusable):
                return .problem(InputProblem(file: file, line: line, message: unusable.message))
            }
        }
    }
}

/// Why a record gives no label.
struct UnusableLabel: Error, Hashable {
    let message: String
}

extension GoldReader.Rules {
    /// What a record says: a label, or none (nil); a decision without I/O.
    func read(_ record: FieldMapping.Fields) -> Result<GoldDraft?, UnusableLabel> {
        do {
            guard let sentiment = try sentiment(record) else { return .success(nil) }
            var draft = GoldDraft(
                textHashes: fields.find(.text, in: record).map(Self.hashes) ?? [], sentiment: sentiment,
                annotator: (fields.find(.annotator, in: record) ?? annotator ?? "").withoutNUL)
            try identify(&draft, record)
            return .success(draft)
        } catch {
            return .failure(error)
        }
    }

    private func sentiment(_ record: FieldMapping.Fields) throws(UnusableLabel) -> Sentiment? {
        guard let label = fields.find(.label, in: record).map(HTMLText.collapse), !label.isEmpty else { return nil }
        guard !fields.isVerdict(record) else {
            throw UnusableLabel(
                message:
                    "this is what a model said, not a label of a person; name the field of the label with --map label=FIELD."
            )
        }
        switch labels.meaning(of: label) {
        case .sentiment(let sentiment): return sentiment
        case .skipped: return nil
        case nil:
            throw UnusableLabel(
                message:
                    "the label \"\(label.prefix(40))\" is none of positive, neutral and negative; say what it stands for "
                    + "with --labels \"\(label.prefix(40))=positive\", or =skip to pass it over.")
        }
    }

    private func identify(_ draft: inout GoldDraft, _ record: FieldMapping.Fields) throws(UnusableLabel) {
        let id = fields.find(.id, in: record).map(HTMLText.collapse)
        let external = fields.find(.externalID, in: record).map(HTMLText.collapse)
        draft.contentID = fields.find(.contentID, in: record).flatMap { Int64($0) }
        draft.isContentIDCertain = draft.contentID != nil
        if draft.isContentIDCertain { return }
        if let source = fields.find(.source, in: record) ?? source, let name = external ?? id {
            draft.source = source.withoutNUL
            draft.externalID = name.withoutNUL
            return
        }
        draft.contentID = id.flatMap { Int64($0) }
        guard draft.contentID == nil, draft.textHashes.isEmpty else { return }
        throw UnusableLabel(
            message: external ?? id != nil
                ? "the id is one in a source, but no source is named; give --source NAME, a field `source`, or the text."
                : "nothing says which content is meant; give its id, its external_id and source, or its text.")
    }

    /// Of the text as `ingest` would store it, then as it is.
    private static func hashes(_ text: String) -> [Data] {
        let stored = (HTMLText.looksLikeHTML(text) ? HTMLText.clean(text) : HTMLText.tidy(text))
            .replacing("\0", with: "\u{FFFD}")
        return [stored, text].filter { !$0.isEmpty }.map { Data($0.utf8).sha256 }
    }
}
