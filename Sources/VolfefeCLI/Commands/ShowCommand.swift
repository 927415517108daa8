import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe show ID`: one content with everything that any model said about it.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a content with every model's verdict, all versions.",
        discussion: """
            --json has it all: the content with every other field of its input, the facts of its
            text, `classifications` (every version, failures too) and `models`, a result map of the
            newest versions as `volfefe results import` takes it.

              volfefe show 1
              volfefe show 1 --json
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "Content id.")
    var id: Int64

    func run() async throws {
        try await reportingErrors {
            let configuration = try LoadedSettings(global).configuration
            let store = try Store(path: configuration.database, mode: .readOnly)
            guard let content = try await store.content(id) else {
                throw CommandError(.notFound, "there is no content \(id) in \(configuration.database).")
            }
            let document = ShownContent(
                content: content, textInfo: try await store.textInfo(id),
                classifications: try await store.classifications(id))
            if format.json {
                Terminal.show(try JSON.document(document.document))
            } else {
                Terminal.show(document.text)
            }
            return .done
        }
    }
}

/// The whole-content view.
private struct ShownContent {
    let content: StoredContent
    let textInfo: TextInfo?
    let classifications: [Classification]

    var text: String {
        var lines = [Style.bold("content \(content.id)") + "  \(content.source) \(content.externalID)"]
        let facts = [
            content.author, content.publishedAt.map { $0.formatted(.iso8601) }, content.url,
            content.textVersion > 1 ? "text version \(content.textVersion)" : nil,
        ]
        let line = facts.compactMap { $0 }.joined(separator: "  ")
        if !line.isEmpty { lines.append(Style.dim(line)) }
        if let info = textInfo { lines.append(Style.dim(Self.facts(info))) }
        lines += ["", content.text ?? Style.dim("(no text)"), ""]
        guard !classifications.isEmpty else {
            return (lines + ["no verdicts yet: volfefe classify --ids \(content.id)"]).joined(separator: "\n")
        }
        var table = Table(
            ("model", .left), ("version", .left), ("verdict", .left), ("positive", .right), ("neutral", .right),
            ("negative", .right), ("margin", .right), ("entropy", .right), ("tokens", .right), ("ms", .right),
            ("engine", .left), ("", .left))
        for row in classifications { table.add(cells: cells(row)) }
        return (lines + [table.rendered()] + evidence).joined(separator: "\n")
    }

    /// `52 characters, 9 words, 1 link`
    private static func facts(_ info: TextInfo) -> String {
        func some(_ number: Int, _ noun: String) -> String? {
            number == 0 ? nil : "\(number.grouped) \(noun)\(number == 1 ? "" : "s")"
        }
        let parts = [
            some(info.chars, "character"), some(info.words, "word"), some(info.urls, "link"),
            some(info.hashtags, "hashtag"), some(info.mentions, "mention"), info.urlOnly ? "nothing but links" : nil,
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// The last words of the workers that died at the text: once for all models that share them, at most 20 lines and 4 KB.
    private var evidence: [String] {
        var seen: Set<String> = []
        return classifications.flatMap { row -> [String] in
            guard case .failure(let failure) = row.outcome, let detail = failure.detail, seen.insert(detail).inserted
            else { return [] }
            let end = String(decoding: detail.utf8.suffix(4096), as: UTF8.self)
            let words = end.split(whereSeparator: \.isNewline).suffix(20).map { "  | \(String($0).preview(200))" }
            return ["", "\(failure.code): \(failure.message)", Style.dim("last words of the worker:")] + words
        }
    }

    /// What `--json` prints.
    var document: Document {
        Document(
            contentID: content.id, source: content.source, externalID: content.externalID, text: content.text,
            textVersion: content.textVersion, author: content.author, publishedAt: content.publishedAt,
            url: content.url, meta: content.meta.flatMap(RawJSON.init), insertedAt: content.insertedAt,
            updatedAt: content.updatedAt, textInfo: textInfo, models: current,
            classifications: classifications.map { row in
                Document.Row(
                    modelID: row.modelID, modelVersion: row.modelVersion, outcome: row.outcome, stale: row.isStale,
                    run: row.run, attempt: row.attempt, insertedAt: row.insertedAt, reusedFrom: row.reusedFrom,
                    engine: row.engine, precision: row.precision)
            })
    }

    /// What the newest version of each model says of the text as it is now.
    private var current: [String: ModelOutcome] {
        // Versions come oldest first.
        Dictionary(classifications.filter { !$0.isStale }.map { ($0.modelID, $0.outcome) }) { $1 }
    }

    struct Document: Encodable {
        struct Row: Encodable {
            var modelID, modelVersion: String
            var outcome: ModelOutcome
            var stale: Bool
            var run: Int64
            var attempt: Int
            var insertedAt: Date
            var reusedFrom: Int64?
            var engine, precision: String?

            enum CodingKeys: String, CodingKey {
                case outcome, stale, run, attempt, engine, precision
                case modelID = "model_id"
                case modelVersion = "model_version"
                case insertedAt = "inserted_at"
                case reusedFrom = "reused_from"
            }
        }

        var contentID: Int64
        var source, externalID: String
        var text: String?
        var textVersion: Int
        var author: String?
        var publishedAt: Date?
        var url: String?
        var meta: RawJSON?
        var insertedAt, updatedAt: Date
        var textInfo: TextInfo?
        var models: [String: ModelOutcome]
        var classifications: [Row]

        enum CodingKeys: String, CodingKey {
            case source, text, author, url, meta, models, classifications
            case insertedAt = "inserted_at"
            case updatedAt = "updated_at"
            case contentID = "content_id"
            case externalID = "external_id"
            case textVersion = "text_version"
            case publishedAt = "published_at"
            case textInfo = "text_info"
        }
    }

    private func cells(_ row: Classification) -> [String] {
        let stale = row.isStale ? "stale: the text has been edited" : ""
        switch row.outcome {
        case .failure(let failure):
            let tries = row.attempt > 1 ? "attempt \(row.attempt): " : ""
            return [row.modelID, row.modelVersion, Style.red(failure.code)] + Array(repeating: "–", count: 8)
                + [tries + failure.message.preview(60)]
        case .prediction(let prediction):
            let reused = row.reusedFrom.map { "reused from \($0)" } ?? ""
            let scores = Sentiment.allCases.map { prediction.meta.rawScores[$0.rawValue]?.digits(3) ?? "–" }
            let notes =
                [prediction.meta.processing.truncated ? "truncated" : "", stale, reused] + prediction.meta.quality.flags
            return [row.modelID, row.modelVersion, Verdicts.short(row.outcome)] + scores + [
                prediction.meta.quality.scoreMargin.digits(3), prediction.meta.quality.entropy.digits(3),
                prediction.meta.processing.tokens.map(String.init) ?? "–",
                prediction.meta.processing.latencyMs > 0 ? prediction.meta.processing.latencyMs.digits(1) : "–",
                [row.engine, row.precision].compactMap { $0 }.joined(separator: " "),
                Style.dim(notes.filter { !$0.isEmpty }.joined(separator: ", ")),
            ]
        }
    }
}
