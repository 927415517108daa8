import Foundation

/// What a job of the kind `phase` is to do: its arguments.
public struct PhaseOrder: Codable, Sendable, Hashable {
    /// The kind of these jobs.
    public static let kind = "phase"

    /// The phase to run.
    public var phase: Phase
    /// Only contents of this source; nil: of all.
    public var source: String?
    /// Whether everything counts as missing.
    public var force: Bool?

    /// Creates an order.
    public init(phase: Phase, source: String? = nil, force: Bool? = nil) {
        self.phase = phase
        self.source = source
        self.force = force
    }

    /// What no two unfinished jobs share: `ner`, `ner:truth_social`.
    public var name: String { phase.rawValue + (source.map { ":" + $0 } ?? "") }

    /// As JSON with sorted keys.
    public var arguments: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// A job for it; there is one at a time.
    public var draft: JobDraft { JobDraft(kind: Self.kind, uniqueKey: name, arguments: arguments) }
}
