import Foundation
import Inference

@testable import Volfefe

/// A name as a phase finds it in a text.
struct Found {
    var phase: Phase
    var type: String
    var name: String
    var confidence: Double
    var start: Int

    /// What the dictionary is sure of.
    static func sure(_ name: String, _ type: String = "company", at start: Int = 0) -> Found {
        Found(phase: .entities, type: type, name: name, confidence: 0.97, start: start)
    }

    /// What the recogniser finds.
    static func seen(
        _ name: String, _ type: String = "organisation", _ confidence: Double = 0.9, at start: Int = 0
    ) -> Found {
        Found(phase: .ner, type: type, name: name, confidence: confidence, start: start)
    }
}

/// A pool of the real worker of `resolve`.
func realResolve() -> PhasePoolConfiguration {
    PhasePoolConfiguration(
        command: [projectRoot + "/.venv/bin/python", projectRoot + "/priv/ml/phase.py"], phases: ["resolve"])
}

extension Store {
    /// Stores a content for each list, through the phases `entities` and `ner`, which found these names; gives the ids.
    @discardableResult
    func find(_ lists: [[Found]], source: String = "test", firstID: Int = 1) async throws -> [Int64] {
        let drafts = lists.indices.map { place in
            ContentDraft(externalID: "\(firstID + place)", text: "text \(firstID + place) of \(source)")
        }
        let ids = try await ingest(drafts, source: source).contentIDs
        try await find(zip(ids, lists).map { ($0, 1, $1) })
        return ids
    }

    /// Stores what was found in contents at a version of their texts.
    func find(_ contents: [(id: Int64, textVersion: Int, found: [Found])]) async throws {
        let methods: [Phase: Int64] = [
            .entities: try await phaseMethod(.entities, method: "dictionary", revision: "sha256:1"),
            .ner: try await phaseMethod(.ner, method: "recogniser", revision: "sha256:2"),
        ]
        try await save(
            contents.map { content in
                var annotations = PhaseAnnotations()
                annotations.entities = .success(content.found.filter { $0.phase == .entities }.map(\.mention))
                annotations.ner = .success(content.found.filter { $0.phase == .ner }.map(\.mention))
                return AnnotatedContent(
                    contentID: content.id, textVersion: content.textVersion, annotations: annotations)
            }, methods: methods)
    }

    /// Runs `resolve` to its end with the real worker.
    @discardableResult
    func resolve(_ selection: PhaseSelection = PhaseSelection(), chunk: Int = 5000) async throws -> PhaseReport {
        try await withPhasePool(realResolve()) { pool in
            try await ResolveRun(pool: pool, chunk: chunk).run(
                selection, in: self, stop: StopRequest(), onProgress: { _ in })
        }
    }

    /// `name|state|entity` of every name, by name.
    func standings() async throws -> [String] {
        try await texts(
            """
            SELECT n.name || '|' || n.state || '|' || coalesce(e.name, '-')
            FROM entity_names AS n LEFT JOIN entities AS e ON e.id = n.entity_id
            ORDER BY n.name, n.phase
            """
        ).map { $0[0] }
    }

    /// `name|state` of every entity, by name.
    func entityStates() async throws -> [String] {
        try await texts("SELECT name || '|' || state FROM entities ORDER BY name, id").map { $0[0] }
    }

    /// The id of a name.
    func nameID(_ name: String) async throws -> Int64 {
        Int64(try await number("SELECT id FROM entity_names WHERE name = '\(name.replacing("'", with: "''"))'"))
    }

    /// Everything that decisions may change, for comparing.
    func entityState() async throws -> [[String]] {
        try await texts("SELECT id, state, entity_id, score, why FROM entity_names ORDER BY id")
            + texts("SELECT id, state, merged_into FROM entities ORDER BY id")
    }
}

extension Found {
    fileprivate var mention: MentionFound {
        MentionFound(
            start: start, end: start + name.unicodeScalars.count, text: name, name: name, type: type,
            method: phase == .ner ? "ner" : "dictionary", rule: "plain", confidence: confidence)
    }
}
