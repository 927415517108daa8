import Foundation

@testable import Volfefe

extension Store {
    /// Imports labels from a file of this content, beside the database.
    func load(
        _ text: String, as name: String = "labels.jsonl", source: String? = nil, labels: LabelNames = LabelNames(),
        annotator: String? = nil
    ) async throws -> GoldImportReport {
        let file = URL(filePath: path).deletingLastPathComponent().appending(path: name).path
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        return try await GoldImport(labels: labels, source: source, annotator: annotator).run(file, into: self)
    }
}
