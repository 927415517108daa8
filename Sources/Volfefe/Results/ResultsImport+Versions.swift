import Foundation
import Inference

extension ResultsImport {
    /// The model versions of a file, and what is known of them.
    struct Versions {
        /// Those that are stored.
        var registered: [ResultModel: RegisteredVersion]
        /// Those that have to be stored, or compared with what is.
        private(set) var declared: [DeclaredModel] = []
        /// Each as the report has it.
        private(set) var imported: [ImportedModel] = []
        /// What each can say.
        private(set) var labels: [ResultModel: LabelMap] = [:]

        init(_ survey: ResultsSurvey, _ models: ResultModels, known: [ResultModel: RegisteredVersion]) {
            registered = known
            for model in survey.observed.traits.keys.sorted() {
                let decided = models.decide(model, survey.observed)
                // What is declared must be what is stored; anything else gives way to what is stored.
                if let stored = known[model], decided?.1 != .declared {
                    add(model, stored.labels.labels, .stored)
                } else if let (found, origin) = decided {
                    declared.append(found)
                    add(model, found.labels, origin)
                }
            }
        }

        private mutating func add(
            _ model: ResultModel, _ labels: [ModelSpecification.Label], _ origin: ImportedModel.Origin
        ) {
            self.labels[model] = LabelMap(labels: labels)
            imported.append(
                ImportedModel(modelID: model.id, modelVersion: model.version, labels: labels, labelsFrom: origin))
        }

        /// A report with nothing counted yet.
        func report(of file: String, _ survey: ResultsSurvey) -> ResultsReport {
            var report = ResultsReport(file: file)
            report.sha256 = survey.sha256
            report.models = imported
            return report
        }

        /// What is written down of the run: the models, the file with its hash, and what its header says.
        func runDraft(_ command: String, _ file: String, _ survey: ResultsSurvey) throws -> ResultSettings.RunDraft {
            var members: [JSONValue.Member] = [
                .init(key: "file", value: .string(file)), .init(key: "sha256", value: .string(survey.sha256)),
                .init(key: "bytes", value: .number(String(survey.bytes))),
                .init(key: "records", value: .number(String(survey.records))),
            ]
            if let times = survey.timestamps {
                members.append(.init(key: "first_timestamp", value: .number("\(times.lowerBound)")))
                members.append(.init(key: "last_timestamp", value: .number("\(times.upperBound)")))
            }
            var environment: [JSONValue.Member] = [.init(key: "imported", value: .object(members))]
            if let told = survey.environment {
                environment.append(.init(key: "environment", value: try JSONParser.parse(Array(told.utf8))))
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let configuration = try encoder.encode(imported)
            return .init(
                command: command, configuration: String(decoding: configuration, as: UTF8.self),
                environment: JSONValue.object(environment).json,
                engines: survey.declared.compactMap { model in
                    guard let engine = model.engine, let precision = model.precision else { return nil }
                    return (model.model, engine, precision)
                })
        }
    }
}

extension ResultsReport {
    /// Adds what became of a page.
    mutating func add(_ outcome: ResultPageOutcome) {
        run = outcome.run ?? run
        newContents += outcome.newContents
        for (line, model, cell) in outcome.cells {
            switch cell {
            case .stored:
                stored += 1
                count(model)
            case .unchanged: unchanged += 1
            case .replaced: replaced += 1
            case .kept:
                kept += 1
                note(line, "\(model.name) is stored with another verdict, which was kept; --replace takes the file's.")
            }
        }
        for (line, message) in outcome.problems {
            records -= 1
            add(InputProblem(file: file, line: line, message: message))
        }
    }

    private mutating func count(_ model: ResultModel) {
        guard let place = models.firstIndex(where: { $0.modelID == model.id && $0.modelVersion == model.version })
        else {
            return
        }
        models[place].stored += 1
    }
}
