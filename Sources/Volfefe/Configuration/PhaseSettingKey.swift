import Inference

/// A setting that the program of a phase knows; its default stands in volfefe.yaml.
struct PhaseSettingKey: Sendable {
    /// Its name, as `docs/phases.md` lists it.
    let name: String
    /// What its value must look like.
    let kind: SettingKey.Kind

    /// What `phases:` itself may hold, besides the phases.
    static let shared: [PhaseSettingKey] = [
        .init("chunk", .count(1...100_000)), .init("processes", .count(0...1024)),
        .init("max_attempts", .count(1...1024)), .init("request_timeout", .duration),
    ]

    /// What every phase may say, besides what its program knows.
    static let common = ["enabled", "schedule", "time_zone"]

    /// The settings of a phase's program.
    static func known(_ phase: Phase) -> [PhaseSettingKey] {
        switch phase {
        case .language: [.init("max_chars", .count(1...1_000_000)), .init("min_letters", .count(1...1000))]
        case .entities: [.init("minimum_confidence", .number(0...1))]
        case .ner: [.init("minimum_confidence", .number(0...1)), .init("batch", .count(1...4096))]
        case .resolve: ["accept", "review", "new_above"].map { .init($0, .number(0...1)) }
        case .topics:
            [
                .init("minimum_contents", .count(2...1_000_000_000)), .init("topics", .count(0...1000)),
                .init("top_words", .count(2...100)), .init("minimum_likeness", .number(0...1)),
                .init("minimum_words", .count(1...1000)), .init("minimum_contents_per_word", .count(1...1_000_000)),
                .init("maximum_share_per_word", .number(0...1)), .init("seed", .count(0...Int(Int32.max))),
            ]
        case .stories:
            [
                .init("minimum_likeness", .number(0...1)), .init("minimum_words", .count(1...1000)),
                .init("across_sources", .flag),
            ]
        case .sentiment, .analytics: []
        }
    }

    private init(_ name: String, _ kind: SettingKey.Kind) {
        self.name = name
        self.kind = kind
    }

    /// The value that `text`, which `kind` accepts, stands for.
    func value(_ text: String) -> PhaseSetting? {
        switch kind {
        case .count: Int(text).map(PhaseSetting.integer)
        case .number: Double(text).map(PhaseSetting.number)
        case .flag: .flag(text == "true")
        case .text, .duration: nil
        }
    }
}
