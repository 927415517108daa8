import Foundation

/// What is counted of one source. Every content has one source, so that the counts of all are the sums of theirs.
struct MetricsTally: Sendable {
    /// How contents fared in a phase.
    struct Status: Sendable {
        var due = 0, done = 0, failed = 0
        var isOn = false

        static func + (one: Status, other: Status) -> Status {
            Status(
                due: one.due + other.due, done: one.done + other.done, failed: one.failed + other.failed,
                isOn: one.isOn || other.isOn)
        }
    }

    struct LanguageCount: Sendable {
        var contents = 0, guesses = 0

        static func + (one: LanguageCount, other: LanguageCount) -> LanguageCount {
            LanguageCount(contents: one.contents + other.contents, guesses: one.guesses + other.guesses)
        }
    }

    struct WeekCount: Sendable {
        var contents = 0, withText = 0

        static func + (one: WeekCount, other: WeekCount) -> WeekCount {
            WeekCount(contents: one.contents + other.contents, withText: one.withText + other.withText)
        }
    }

    var contents = 0, withText = 0
    var first, last, lastUpdated: Int64?
    var phases: [Phase: Status] = [:]
    var languages: [String?: LanguageCount] = [:]
    /// Entity → contents.
    var entities: [Int64: Int] = [:]
    /// Topic → contents; nil: of none.
    var topics: [Int?: Int] = [:]
    /// Story → contents.
    var stories: [Int: Int] = [:]
    var weeks: [String?: WeekCount] = [:]

    /// Something was changed then.
    mutating func touch(_ time: Int64?) {
        lastUpdated = [lastUpdated, time].compactMap(\.self).max()
    }

    mutating func add(_ other: MetricsTally) {
        contents += other.contents
        withText += other.withText
        first = [first, other.first].compactMap(\.self).min()
        last = [last, other.last].compactMap(\.self).max()
        touch(other.lastUpdated)
        phases.merge(other.phases, uniquingKeysWith: +)
        languages.merge(other.languages, uniquingKeysWith: +)
        entities.merge(other.entities, uniquingKeysWith: +)
        topics.merge(other.topics, uniquingKeysWith: +)
        stories.merge(other.stories, uniquingKeysWith: +)
        weeks.merge(other.weeks, uniquingKeysWith: +)
    }
}

/// What every source's figures are told with: names of what they count by number.
struct MetricsNames: Sendable {
    /// How many entities are listed.
    static let shown = 20

    var entities: [Int64: (name: String, type: String)] = [:]
    /// Topic → its first words; nil: the phase has not run.
    var topics: [Int: String]?
    var coherence: Double?
    /// Stories that are in several sources; nil: the phase has not run.
    var storiesAcross: Set<Int>?

    /// The figures of a source, or of all together.
    func metrics(
        of source: String?, _ tally: MetricsTally, models: [ModelStatistics], scope: MetricsScope
    ) -> SourceMetrics {
        var metrics = SourceMetrics(source: source)
        metrics.lastUpdated = tally.lastUpdated.map(Date.init(milliseconds:))
        metrics.contents = tally.contents
        metrics.withText = tally.withText
        metrics.first = tally.first.map(Date.init(milliseconds:))
        metrics.last = tally.last.map(Date.init(milliseconds:))
        metrics.phases = Phase.allCases.filter { $0 != .analytics }.map { coverage(of: $0, tally, scope: scope) }
        metrics.processingLevel = ProcessingLevel(metrics.phases, complete: scope.complete)
        metrics.languages = tally.languages.map {
            .init(language: $0.key, contents: $0.value.contents, guesses: $0.value.guesses)
        }
        .sorted { ($1.contents, $0.language ?? "~") < ($0.contents, $1.language ?? "~") }
        metrics.models = models
        let ranked = tally.entities.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.shown)
        metrics.entities = ranked.compactMap { id, contents in
            entities[id].map { .init(entityID: id, name: $0.name, type: $0.type, contents: contents) }
        }
        if let topics {
            metrics.topics = SourceMetrics.Topics(
                coherence: coherence, outliers: tally.topics[nil] ?? 0,
                topics: topics.sorted { $0.key < $1.key }.map { number, words in
                    .init(topic: number, words: words, contents: tally.topics[number] ?? 0)
                })
        }
        if let storiesAcross {
            metrics.stories = SourceMetrics.Stories(
                stories: tally.stories.count, acrossSources: tally.stories.keys.count(where: storiesAcross.contains),
                contents: tally.stories.values.reduce(0, +))
        }
        metrics.weeks = tally.weeks.map {
            .init(week: $0.key, contents: $0.value.contents, withText: $0.value.withText)
        }
        .sorted { ($0.week ?? "") < ($1.week ?? "") }
        return metrics
    }

    private func coverage(of phase: Phase, _ tally: MetricsTally, scope: MetricsScope) -> PhaseCoverage {
        let status = tally.phases[phase] ?? .init()
        var coverage = PhaseCoverage(
            phase: phase, isOn: status.isOn, due: status.due, done: status.done, failed: status.failed)
        if !status.isOn {
            coverage.reason = "it is off"
        } else if status.due == 0 {
            coverage.reason =
                tally.withText == 0
                ? "there is no content with a text"
                : phase == .sentiment
                    ? "no model is on" : "the collection has fewer than \(scope.minimumTopicContents) contents"
        }
        return coverage
    }
}
