import Foundation
import Inference
import Testing

@testable import Volfefe

@Suite struct NestedSettingsTests {
    /// The settings with `yaml` as `./volfefe.yaml`, above the shipped file.
    private func load(
        _ yaml: String = "", environment: [String: String] = [:], assignments: [String] = []
    ) throws -> Configuration {
        try withFolder { folder in
            try write(yaml, to: folder + "/volfefe.yaml")
            return try .load(
                .init(
                    flags: [:], assignments: assignments, environment: environment, currentDirectory: folder, file: nil,
                    shipped: projectRoot + "/volfefe.yaml"))
        }
    }

    private func problems(
        _ yaml: String = "", environment: [String: String] = [:], assignments: [String] = []
    ) throws -> [String] {
        do {
            _ = try load(yaml, environment: environment, assignments: assignments)
            return []
        } catch VolfefeError.configuration(let problems) {
            // The folder is another one each time.
            return problems.map { problem in
                problem.range(of: "/volfefe.yaml").map { String(problem[problem.index(after: $0.lowerBound)...]) }
                    ?? problem
            }
        }
    }

    @Test func `the shipped file has every phase on and every gate set`() throws {
        let configuration = try load()
        #expect(Phase.allCases.allSatisfy { configuration.isOn($0) })
        #expect(configuration.phases.chunk == 1000 && configuration.phases.maxAttempts == 3)
        #expect(configuration.phases.phases[.topics]?.worker["minimum_contents"] == .integer(1000))
        #expect(configuration.phases.phases[.resolve]?.worker["accept"] == .number(0.9))
        #expect(configuration.phases.worker([.stories, .sentiment]).keys.sorted() == ["stories"])
        #expect(configuration.threshold(.sentimentCoverage) == 0.95)
        #expect(configuration.threshold(.oldestPending) == 604_800.0)
        #expect(Gate.allCases.allSatisfy { configuration.threshold($0) != nil })
        #expect(configuration.gates.required == ["published_at"] && configuration.alertCommand.isEmpty)
    }

    @Test(arguments: [
        (Phase.language, "phases/language"), (.entities, "phases/entities"), (.ner, "phases/ner"),
        (.resolve, "resolution/bands"), (.topics, "corpus/topics"), (.stories, "corpus/stories"),
    ])
    func `the shipped defaults are those of the phase's program, and all of them`(phase: Phase, file: String) throws {
        let text = try String(contentsOfFile: "\(projectRoot)/priv/ml/volfefe_ml/\(file).py", encoding: .utf8)
        let pattern = /(?m)^    (?<name>[a-z_]+): (int|float|bool) = (?<value>[A-Za-z0-9.]+)$/
        let theirs = text.matches(of: pattern).map { "\($0.output.name) \($0.output.value)" }
        let ours = try load().phases.phases[phase]?.worker.map { name, value in
            switch value {
            case .integer(let number): "\(name) \(number)"
            case .number(let number): "\(name) \(number)"
            case .flag(let flag): "\(name) \(flag ? "True" : "False")"
            }
        }
        #expect(ours?.sorted() == theirs.sorted())
        #expect(Set(PhaseSettingKey.known(phase).map(\.name)).count == theirs.count)
    }

    @Test func `a file, a variable and an assignment win in this order, each leaf by itself`() throws {
        let configuration = try load(
            """
            phases: {topics: {minimum_contents: 5, top_words: 6, seed: 7}, ner: {enabled: false}}
            gates: {backlog: 5, oldest_pending: 2d}
            """,
            environment: [
                "VOLFEFE_PHASES__TOPICS__TOP_WORDS": "60", "VOLFEFE_PHASES__TOPICS__SEED": "70",
                "VOLFEFE_GATES__BACKLOG": "50", "VOLFEFE_BATCH_SIZE": "3",
            ],
            assignments: ["phases.topics.seed=700", "gates.topic_coherence=off", "batch_size=4"])
        let topics = configuration.phases.phases[.topics]?.worker
        #expect(topics?["minimum_contents"] == .integer(5))
        #expect(topics?["top_words"] == .integer(60))
        #expect(topics?["seed"] == .integer(700))
        #expect(topics?["minimum_words"] == .integer(3))
        #expect(!configuration.isOn(.ner) && configuration.isOn(.resolve))
        #expect(configuration.threshold(.backlog) == 50)
        #expect(configuration.threshold(.oldestPending) == 172_800.0)
        #expect(configuration.threshold(.topicCoherence) == nil)
        #expect(configuration.batchSize == 4)
        let origins = Dictionary(uniqueKeysWithValues: configuration.listing.map { ($0.key, $0.origin) })
        #expect(origins["phases.topics.minimum_contents"]?.hasSuffix("/volfefe.yaml:1") == true)
        #expect(origins["phases.topics.top_words"] == "VOLFEFE_PHASES__TOPICS__TOP_WORDS")
        #expect(origins["phases.topics.seed"] == "--set phases.topics.seed")
        #expect(origins["batch_size"] == "--set batch_size")
        #expect(origins["gates.sentiment_coverage"]?.hasPrefix(projectRoot + "/volfefe.yaml:") == true)
    }

    @Test func `a source has a mode, phases, schedules, required fields and thresholds of its own`() throws {
        let configuration = try load(
            """
            sources:
              feed:
                mode: full
                phases: {ner: false, topics: true}
                schedules: {sentiment: "30 2 * * *", ner: "@daily"}
                time_zone: Europe/Berlin
                required: [text, author]
                thresholds: {sentiment_coverage: 0.5, backlog: off}
            phases: {topics: {enabled: false}, stories: {schedule: "@weekly"}}
            """,
            environment: ["VOLFEFE_SOURCES__FEED__PHASES__STORIES": "false", "VOLFEFE_SOURCES__Other__MODE": "full"],
            assignments: ["sources.feed.fields.text=title", #"sources."a.b".required=[url]"#])
        let feed = try #require(configuration.sources["feed"])
        #expect(feed.mode == .full && feed.fields == ["text": "title"])
        #expect(feed.required == ["text", "author"])
        #expect(configuration.sources["Other"]?.mode == .full)
        #expect(configuration.sources["a.b"]?.required == ["url"])
        #expect(configuration.requiredFields(source: "unknown") == ["published_at"])
        #expect(!configuration.isOn(.ner, source: "feed") && configuration.isOn(.ner, source: "else"))
        #expect(configuration.isOn(.topics, source: "feed") && !configuration.isOn(.topics))
        #expect(configuration.threshold(.sentimentCoverage, source: "feed") == 0.5)
        #expect(configuration.threshold(.backlog, source: "feed") == nil)
        #expect(configuration.threshold(.backlog) == 10_000)
        // Contents of all sources but one, of one source alone, and of none.
        #expect(configuration.selections(.ner) == [PhaseSelection(besides: ["feed"])])
        #expect(configuration.selections(.topics) == [PhaseSelection(source: "feed")])
        #expect(configuration.selections(.ner, source: "feed") == [])
        // A phase that is off has no schedule.
        let entries = configuration.cron.map { "\($0.name) \($0.schedule) \($0.timeZone) \($0.kind) \($0.queue)" }
        #expect(
            entries == ["sentiment:feed 30 2 * * * Europe/Berlin phase phases", "stories @weekly UTC phase phases"])
        #expect(configuration.cron.first?.arguments == #"{"phase":"sentiment","source":"feed"}"#)
        let listed = configuration.listing.filter { $0.key.hasPrefix("sources.feed.") }.map { "\($0.key)=\($0.value)" }
        #expect(listed.contains("sources.feed.phases.stories=false"))
        #expect(listed.contains("sources.feed.thresholds.backlog=off"))
    }

    @Test(arguments: [
        (
            "phases: {topic: {seed: 1}}",
            "volfefe.yaml:1: `topic` is no phase, nor a setting of all; did you mean `topics`?"
        ),
        (
            "phases:\n  topics:\n    sead: 1",
            "volfefe.yaml:3: `sead` is no setting of the phase topics; did you mean `seed`?"
        ),
        (
            "phases:\n  chunk: none",
            "volfefe.yaml:2: `phases.chunk` must be a whole number from 1 to 100000, not \"none\"."
        ),
        (
            "phases: {ner: {minimum_confidence: 2}}",
            "volfefe.yaml:1: `phases.ner.minimum_confidence` must be a number from 0.0 to 1.0, not \"2\"."
        ),
        ("phases: {ner: {schedule: often}}", "volfefe.yaml:1: `phases.ner.schedule`:"),
        ("phases: {ner: {time_zone: Mars}}", "volfefe.yaml:1: `phases.ner.time_zone` must be a time zone"),
        ("gates:\n  backlogg: 1", "volfefe.yaml:2: `backlogg` is no gate; did you mean `backlog`?"),
        (
            "gates: {topic_coherence: 3}",
            "volfefe.yaml:1: `gates.topic_coherence` must be a number from 0 to 1, or off."
        ),
        ("gates: {required: [tekst]}", "volfefe.yaml:1: `gates.required` must be a list of id, text,"),
        ("sources: {x: {mode: slow}}", "volfefe.yaml:1: `mode` must be fast or full."),
        ("sources:\n  x:\n    phases:\n      nre: false", "volfefe.yaml:4: `nre` is no phase; did you mean `ner`?"),
        ("sources: {x: {phases: {ner: maybe}}}", "volfefe.yaml:1: `phases.ner` must be true or false."),
        ("sources: {x: {schedules: {ner: 61 * * * *}}}", "volfefe.yaml:1: `schedules.ner`:"),
        ("sources: {x: {thresholds: {integrity: 1}}}", "volfefe.yaml:1: the gate `integrity` is about all contents"),
        (
            "cron: {ner: {schedule: '@daily'}}\nphases: {ner: {schedule: '@daily'}}",
            "the schedule of the phase ner and an entry"
        ),
    ])
    func `what is wrong is named with its place and the nearest word`(yaml: String, problem: String) throws {
        let problems = try problems(yaml)
        #expect(problems.count == 1 && problems[0].hasPrefix(problem), "\(problems)")
    }

    @Test func `a variable or an assignment that sets nothing is an error that names it`() throws {
        #expect(
            try problems(
                environment: [
                    "VOLFEFE_PHASES__TOPICS__MINIMUM_CONTENT": "5", "VOLFEFE_PHASE__TOPICS__SEED": "1",
                    "VOLFEFE_GATES__": "1", "VOLFEFE_GATE": "not ours to judge", "VOLFEFE_SOURCES__x__MODE": "",
                ],
                assignments: ["gates.backlogg=1", "workrs=3", "a..b=1", "sources.x=1"])
                == [
                    "VOLFEFE_GATES__: two underscores stand between the names of settings, as in VOLFEFE_PHASES__TOPICS__MINIMUM_CONTENTS.",
                    "VOLFEFE_PHASES__TOPICS__MINIMUM_CONTENT: `minimum_content` is no setting of the phase topics; did you mean `minimum_contents`?",
                    "VOLFEFE_PHASE__TOPICS__SEED: `phase` is no setting; did you mean `phases`?",
                    "--set gates.backlogg: `backlogg` is no gate; did you mean `backlog`?",
                    "--set workrs: `workrs` is no setting; did you mean `workers`?",
                    "--set a..b=1: write KEY=VALUE, with dots in KEY, as in sources.truth_social.mode=full.",
                    "--set sources.x: expected `key: value` lines here.",
                ])
    }

    @Test func `models and cron entries have dotted names too`() throws {
        let configuration = try load(
            environment: ["VOLFEFE_MODELS__VADER__WEIGHT": "0.7"],
            assignments: ["models.minilm_general.enabled=false", "cron.often.schedule=*/15 * * * *"])
        #expect(configuration.models.first { $0.id == "vader" }?.weight == 0.7)
        #expect(!configuration.activeModels.contains { $0.id == "minilm_general" })
        #expect(configuration.cron.map(\.schedule) == ["*/15 * * * *"])
        #expect(
            configuration.listing.first { $0.key == "models.vader.weight" }?.origin == "VOLFEFE_MODELS__VADER__WEIGHT")
    }

    @Test func `the nearest setting is named by its dotted name`() throws {
        let listing = try load().listing
        #expect(nearestSetting(to: "phases.topics.seeds", in: listing) == "phases.topics.seed")
        #expect(nearestSetting(to: "phase", in: listing) == "phases")
        #expect(nearestSetting(to: "entirely.different", in: listing) == nil)
    }
}
