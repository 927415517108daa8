import Foundation
import Inference

/// What became of the records of a file of labels.
public struct GoldImportReport: Codable, Sendable {
    /// File as the user named it.
    public var file: String
    /// Records with a label.
    public var read = 0
    /// Labels that were not there before; one text that several contents have gives a label to each.
    public var new = 0
    /// Labels that were there with another sentiment or on an older text; what they were is kept.
    public var changed = 0
    /// Labels that were there already.
    public var unchanged = 0
    /// Labels whose text was edited since, and which the file does not give anew.
    public var stale = 0
    /// Records without a label.
    public var unlabelled = 0
    /// Records with something wrong.
    public var problems = 0
    /// The first ten problems.
    public var firstProblems: [String] = []

    /// Creates an empty report on `file`.
    public init(file: String) { self.file = file }

    /// Counts a problem and keeps it if it is among the first.
    mutating func add(_ problem: InputProblem) {
        problems += 1
        if firstProblems.count < 10 { firstProblems.append(problem.description) }
    }

    enum CodingKeys: String, CodingKey {
        case file, read, new, changed, unchanged, stale, unlabelled, problems
        case firstProblems = "first_problems"
    }
}

/// Brings the labels of one file into the store, in commits of a thousand records; what is committed survives any end.
public struct GoldImport: Sendable {
    private static let page = 1000

    private let rules: GoldReader.Rules
    private let format: InputFormat?
    private let maxLineBytes: Int
    private let stop: StopRequest

    /// Prepares an import. `source` and `annotator` are those of records that name none; `maxLineBytes` is the longest record.
    public init(
        fields: GoldFields = GoldFields(), labels: LabelNames = LabelNames(), source: String? = nil,
        annotator: String? = nil, format: InputFormat? = nil, maxLineBytes: Int = 1 << 26,
        stop: StopRequest = StopRequest()
    ) {
        rules = .init(fields: fields, labels: labels, source: source, annotator: annotator)
        self.format = format
        self.maxLineBytes = maxLineBytes
        self.stop = stop
    }

    /// Who said what of a content first in this file, and on which line.
    private struct Seen {
        var sentiment: Sentiment
        var line: Int
    }

    private struct Labelled: Hashable {
        var contentID: Int64
        var annotator: String
    }

    /// Reads `file` ("-" is standard input) into `store`. `onProgress` gets the number of records after each commit.
    public func run(_ file: String, into store: Store, onProgress: (Int) -> Void = { _ in }) async throws
        -> GoldImportReport
    {
        var report = GoldImportReport(file: file)
        var reader = try GoldReader(path: file, format: format, rules: rules, maxLineBytes: maxLineBytes)
        var seen: [Labelled: Seen] = [:]
        var drafts: [(draft: GoldDraft, line: Int)] = []
        func commit() async throws {
            let found = try await store.contents(of: drafts.map(\.draft))
            var labels: [GoldLabel] = []
            for ((draft, line), contents) in zip(drafts, found) {
                switch contents {
                case .failure(let unusable):
                    report.add(InputProblem(file: file, line: line, message: unusable.message))
                case .success(let contents):
                    for content in contents {
                        let key = Labelled(contentID: content.id, annotator: draft.annotator)
                        if let first = seen[key] {
                            if first.sentiment != draft.sentiment {
                                report.add(Self.contradiction(file, line, first.line, draft))
                            }
                            continue
                        }
                        seen[key] = Seen(sentiment: draft.sentiment, line: line)
                        labels.append(GoldLabel(content, draft))
                    }
                }
            }
            let counts = try await store.label(labels)
            report.new += counts.new
            report.changed += counts.changed
            report.unchanged += counts.unchanged
            report.stale += counts.stale
            onProgress(drafts.count)
            drafts.removeAll(keepingCapacity: true)
        }
        while !stop.isRequested, let record = try reader.next() {
            switch record {
            case .problem(let problem): report.add(problem)
            case .unlabelled: report.unlabelled += 1
            case .label(let draft, let line):
                report.read += 1
                drafts.append((draft, line))
                if drafts.count >= Self.page { try await commit() }
            }
        }
        if !drafts.isEmpty { try await commit() }
        return report
    }

    private static func contradiction(_ file: String, _ line: Int, _ first: Int, _ draft: GoldDraft) -> InputProblem {
        let who = draft.annotator.isEmpty ? "" : " by \(draft.annotator)"
        return InputProblem(
            file: file, line: line,
            message: "this content has another label\(who) on line \(first), which was kept; correct one, or name the "
                + "annotators in a field `annotator`.")
    }
}
