import Foundation
import Inference
import Testing

@testable import Volfefe

@Suite struct ConfigurationTests {
    /// The settings that hold in `folder`, above the shipped file.
    private func load(
        in folder: String, flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> Configuration {
        try .load(
            .init(
                flags: flags, environment: environment, currentDirectory: folder, file: file,
                shipped: projectRoot + "/volfefe.yaml"))
    }

    /// What is wrong with `yaml` as `./volfefe.yaml`, with the folder left out.
    private func problems(_ yaml: String, environment: [String: String] = [:]) throws -> [String] {
        try withFolder { folder in
            try write(yaml, to: folder + "/volfefe.yaml")
            do {
                _ = try load(in: folder, environment: environment)
                return []
            } catch VolfefeError.configuration(let problems) {
                return problems.map { $0.replacing(folder + "/", with: "") }
            }
        }
    }

    @Test func theShippedFileHoldsEveryDefault() throws {
        let configuration = try withFolder { try load(in: $0) }
        #expect(configuration.database == "volfefe.db")
        #expect(configuration.startTimeout == .seconds(120))
        #expect(configuration.requestTimeout == .seconds(30))
        #expect(configuration.backoffInitial == .milliseconds(500))
        #expect(configuration.maxLineBytes == 8_388_608)
        #expect(configuration.activeModels.map(\.id) == ["minilm_finance", "minilm_general", "minilm_social", "vader"])
        #expect(
            configuration.models.filter { $0.profiles.contains("hub") }.map(\.id) == [
                "finbert", "distilbert", "twitter_roberta",
            ])
        #expect(Set(configuration.listing.map(\.key)).isSuperset(of: SettingKey.allCases.map(\.rawValue)))
    }

    @Test func eachLayerWinsOverTheOnesBelow() throws {
        try withFolder { folder in
            try write(
                "workers: 2\nbatch_size: 2\nprofile: user\ndatabase: user.db\n",
                to: folder + "/home/volfefe/volfefe.yaml")
            try write("workers: 3\nbatch_size: 3\nprofile: local\n", to: folder + "/volfefe.yaml")
            let environment = ["XDG_CONFIG_HOME": folder + "/home", "VOLFEFE_WORKERS": "4", "VOLFEFE_BATCH_SIZE": "4"]
            let configuration = try load(in: folder, flags: ["workers": "5"], environment: environment)
            #expect(configuration.workers == 5)
            #expect(configuration.batchSize == 4)
            #expect(configuration.profile == "local")
            #expect(configuration.database == "user.db")
            #expect(configuration.threadsPerWorker == 0)
            let origins = Dictionary(uniqueKeysWithValues: configuration.listing.map { ($0.key, $0.origin) })
            #expect(origins["workers"] == "--workers")
            #expect(origins["batch_size"] == "VOLFEFE_BATCH_SIZE")
            #expect(origins["profile"] == folder + "/volfefe.yaml:3")
            #expect(origins["database"] == folder + "/home/volfefe/volfefe.yaml:4")
            #expect(origins["threads_per_worker"]?.hasPrefix(projectRoot + "/volfefe.yaml:") == true)
        }
    }

    @Test func aFileThatIsGivenReplacesTheLocalOne() throws {
        try withFolder { folder in
            try write("workers: 3\nprofile: local\n", to: folder + "/volfefe.yaml")
            try write("workers: 7\n", to: folder + "/other/my.yaml")
            for path in ["other/my.yaml", folder + "/other/my.yaml"] {
                let configuration = try load(in: folder, file: path)
                #expect(configuration.workers == 7)
                #expect(configuration.profile == "default")
            }
            let error = try #require(throws: VolfefeError.self) { try load(in: folder, file: "none.yaml") }
            #expect(error.exitCode == 66)
            #expect(error.description.contains("none.yaml"))
        }
    }

    @Test func theShippedFileCountsOnceInItsOwnFolder() throws {
        let configuration = try load(in: projectRoot, environment: ["HOME": "/nonexistent"])
        #expect(configuration.listing.filter { $0.key == "models.vader.weight" }.count == 1)
        #expect(configuration.models.count == 7)
        // The same file through a link is still the same file.
        try withFolder { folder in
            let link = folder + "/volfefe.yaml"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: projectRoot + "/volfefe.yaml")
            #expect(try load(in: folder).models.count == 7)
        }
    }

    @Test func entriesOfModelsAreMergedFieldByFieldAndNewOnesAppended() throws {
        try withFolder { folder in
            try write(
                """
                models:
                  - id: own
                    engine: onnxruntime
                    source: folder:/models/own
                    version: "1"
                    labels: {LABEL_1: positive, LABEL_0: negative}
                  - id: vader
                    enabled: false
                """, to: folder + "/volfefe.yaml")
            let configuration = try load(in: folder)
            #expect(
                configuration.activeModels.map(\.id) == ["minilm_finance", "minilm_general", "minilm_social", "own"])
            let vader = try #require(configuration.models.first { $0.id == "vader" })
            #expect(vader.source == "package:vaderSentiment")
            let own = try #require(configuration.models.last)
            #expect(own.labels.map(\.name) == ["LABEL_1", "LABEL_0"])
            #expect(!own.hasNeutral && own.enabled && own.weight == 1 && own.precision == nil)
            #expect(own.profiles == ["default"] && own.maxTokens == nil)
            let origin = configuration.listing.first { $0.key == "models.vader.enabled" }?.origin
            #expect(origin == folder + "/volfefe.yaml:8")
        }
    }

    @Test func aRelativeFolderIsMeantFromTheFileThatNamesIt() throws {
        try withFolder { folder in
            try write(
                """
                models:
                  - {id: near, engine: onnxruntime, source: "folder:models/near", version: "1", labels: {A: negative, B: positive}}
                  - {id: far, engine: onnxruntime, source: "folder:/far/away", version: "1", labels: {A: negative, B: positive}}
                """, to: folder + "/own.yaml")
            let configuration = try load(in: folder, file: "own.yaml")
            let sources = configuration.models.filter { ["near", "far"].contains($0.id) }.map(\.source)
            #expect(sources == ["folder:\(folder)/models/near", "folder:/far/away"])
        }
    }

    @Test func sourcesAreMergedByName() throws {
        try withFolder { folder in
            try write(
                "sources:\n  feed:\n    html: true\n    fields: {text: title}\n",
                to: folder + "/home/volfefe/volfefe.yaml")
            try write("sources:\n  feed:\n    html: no\n    fields: {id: key.number}\n", to: folder + "/volfefe.yaml")
            let configuration = try load(in: folder, environment: ["XDG_CONFIG_HOME": folder + "/home"])
            let feed = SourceSettings(fields: ["text": "title", "id": "key.number"], html: .no)
            #expect(configuration.sources == ["feed": feed])
            let listed = configuration.listing.filter { $0.key.hasPrefix("sources.") }.map { "\($0.key)=\($0.value)" }
            #expect(
                listed == [
                    "sources.feed.fields.id=key.number", "sources.feed.fields.text=title", "sources.feed.html=no",
                ])
        }
    }

    @Test func anUnknownKeyIsNamedWithItsLineAndTheNearestKnownOne() throws {
        #expect(
            try problems(
                "workers: 2\nbatchsize: 3\nmodels:\n  - id: vader\n    wieght: 2\nsources:\n  x:\n    feilds: {}\n")
                == [
                    "volfefe.yaml:2: `batchsize` is no setting; did you mean `batch_size`?.",
                    "volfefe.yaml:5: `wieght` is no field of a model; did you mean `weight`?.",
                    "volfefe.yaml:8: `feilds` is no field of a source; did you mean `fields`?.",
                ].map { $0.replacing("?.", with: "?") })
    }

    @Test(arguments: [
        ("workers: many", "1: `workers` must be a whole number from 0 to 1024, not \"many\""),
        ("workers: [1]", "1: `workers` must be a whole number"),
        ("request_timeout: soon", "1: `request_timeout` must be a duration such as 500ms, 30s or 2m"),
        ("request_timeout: -3s", "1: `request_timeout` must be a duration"),
        ("batch_size: 0", "1: `batch_size` must be a whole number from 1"),
        ("models: 3", "1: `models` must be a list"),
        ("models:\n  - weight: 1", "2: a model needs an `id`"),
        ("models:\n  - id: vader\n  - id: vader", "3: the model `vader` is already defined at "),
        ("models:\n  - id: vader\n    weight: heavy", "3: `weight` of the model `vader` must be a number"),
        ("models:\n  - id: vader\n    enabled: maybe", "3: `enabled` of the model `vader` must be true or false"),
        (
            "models:\n  - id: vader\n    labels: {a: good, b: negative}",
            "3: `labels` of the model `vader` maps \"a\" to something"
        ),
        ("models:\n  - id: new", "2: the model `new` needs `engine`"),
        (
            "models:\n  - id: distilbert\n    has_neutral: true",
            "3: `has_neutral` of the model `distilbert` contradicts `labels`"
        ),
        ("models:\n  - id: vader\n    max_tokens: 1e40", "3: `max_tokens` of the model `vader` must be"),
        ("sources:\n  x:\n    fields: {headline: a}", "3: `fields` maps id, text"),
        ("sources:\n  x:\n    fields: [text]", "3: `fields` maps id, text"),
        ("sources:\n  x:\n    html: perhaps", "3: `html` must be"),
        ("just words", "1: settings are `key: value` lines"),
        ("workers: 2\nworkers: 3", "1: the key `workers` stands twice"),
        ("a: [1,\nb: 2", "3:1: not valid YAML"),
        ("workers: \"2", "1:"),
    ])
    func whatIsWrongIsNamedWithItsLine(yaml: String, problem: String) throws {
        let problems = try problems(yaml)
        #expect(problems.contains { $0.hasPrefix("volfefe.yaml:" + problem) }, "\(problems)")
    }

    @Test func everyProblemIsReportedAtOnceWithStatus78() throws {
        let problems = try problems(
            "workers: x\nbatch_size: y\nmodels:\n  - id: a\n", environment: ["VOLFEFE_MAX_ATTEMPTS": "z"])
        #expect(problems.count >= 6)
        #expect(problems.contains { $0.contains("VOLFEFE_MAX_ATTEMPTS") })
        #expect(VolfefeError.configuration(problems).exitCode == 78)
    }

    @Test func emptyFilesAndValuesChangeNothing() throws {
        for yaml in ["", "# nothing\n", "---\n", "models:\nsources:\n", "null"] { #expect(try problems(yaml) == []) }
        try withFolder { folder in
            try write("python:\ncache_dir: ~\n", to: folder + "/volfefe.yaml")
            let configuration = try load(in: folder, environment: ["XDG_CACHE_HOME": "/c", "VOLFEFE_DATABASE": ""])
            #expect(configuration.python.isEmpty)
            #expect(configuration.cacheDirectory == "/c/volfefe")
            #expect(configuration.database == "volfefe.db")
        }
    }

    @Test func otherEncodingsOfAFileAreRefused() throws {
        try withFolder { folder in
            try Data([0xFF, 0xFE, 0x77, 0x00]).write(to: URL(filePath: folder + "/volfefe.yaml"))
            let error = try #require(throws: VolfefeError.self) { try load(in: folder) }
            #expect(error.description.contains("UTF-8"))
        }
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
        ("1.5s", .milliseconds(1500)), ("7", .seconds(7)), ("0", .zero),
    ])
    func durationsAreRead(text: String, duration: Duration) {
        #expect(Duration(setting: text) == duration)
    }

    @Test(arguments: ["", "s", "-1s", "1w", "nan", "inf", "1e300h", "5 minutes"])
    func otherDurationsAreRefused(text: String) {
        #expect(Duration(setting: text) == nil)
    }
}
