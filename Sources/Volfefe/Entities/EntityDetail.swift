import Foundation
import GRDB
import Inference

/// Everything about an entity.
public struct EntityDetail: Sendable, Hashable, Encodable {
    /// The entity, with the contents that mention it.
    public var entity: ListedEntity
    /// Its names, those with most mentions first.
    public var names: [LinkedName]
    /// What was merged into it.
    public var absorbed: [AbsorbedEntity]
    /// What the newest version of each model says of the contents that mention it; empty without verdicts.
    public var sentiment: [EntitySentiment]
    /// Decisions about it and its names, newest first, at most twenty.
    public var decisions: [LoggedDecision]
}

/// A version of an entity: its name as one phase has found it.
public struct LinkedName: Sendable, Hashable, Codable {
    /// Its id, for `split`, `accept` and `reject`.
    public var id: Int64
    /// The name.
    public var name: String
    /// The phase that found it, and by which method.
    public var phase, method: String
    /// What sort of thing the phase took it for.
    public var type: EntityType
    /// The highest confidence of its mentions, 0…1.
    public var confidence: Double
    /// Likeness to the entity when it was merged, 0…1; nil where nothing was compared.
    public var score: Double?
    /// Why it belongs here; nil where the phase itself was sure.
    public var why: String?
    /// How often it is mentioned.
    public var mentions: Int

    init(_ row: Row) {
        id = row["id"]
        name = row["name"]
        phase = row["phase"]
        method = row["method"]
        type = EntityType(rawValue: row["type"]) ?? .organisation
        confidence = row["confidence"]
        score = row["score"]
        why = row["why"]
        mentions = row["mentions"]
    }

    enum CodingKeys: String, CodingKey {
        case id, name, phase, method, type, confidence, score, why, mentions
    }

    /// Writes what there is not as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(phase, forKey: .phase)
        try container.encode(method, forKey: .method)
        try container.encode(type, forKey: .type)
        try container.encode(confidence, forKey: .confidence)
        try container.encode(score, forKey: .score)
        try container.encode(why, forKey: .why)
        try container.encode(mentions, forKey: .mentions)
    }
}

/// An entity that was merged into another one.
public struct AbsorbedEntity: Sendable, Hashable, Codable {
    /// Its id.
    public var id: Int64
    /// The name that it had.
    public var name: String
}

/// How often a model gives each sentiment.
public struct EntitySentiment: Sendable, Hashable, Codable {
    /// The model and its newest version.
    public var modelID, modelVersion: String
    /// Contents of each sentiment.
    public var positive, neutral, negative: Int

    enum CodingKeys: String, CodingKey {
        case positive, neutral, negative
        case modelID = "model_id"
        case modelVersion = "model_version"
    }
}

/// A content that mentions an entity.
public struct MentioningContent: Sendable, Hashable, Codable {
    /// Its id.
    public var contentID: Int64
    /// Name of its source.
    public var source: String
    /// Its text.
    public var text: String

    enum CodingKeys: String, CodingKey {
        case source, text
        case contentID = "content_id"
    }
}

extension Store {
    /// Everything about an entity. Throws `EntityError` when there is none of that name, or several.
    public func entity(_ reference: EntityReference) async throws -> EntityDetail {
        let models = try await analysedModels(nil)
        return try await read { db in
            let id = try reference.find(in: db)
            guard let entity = try Self.entity(id, in: db) else { throw EntityError.noEntity(reference.description) }
            return EntityDetail(
                entity: entity, names: try Self.linkedNames(of: id, in: db),
                absorbed: try Row.fetchAll(
                    db, sql: "SELECT id, name FROM entities WHERE merged_into = ? ORDER BY id", arguments: [id]
                ).map { AbsorbedEntity(id: $0["id"], name: $0["name"]) },
                sentiment: try Self.sentiment(of: id, models, in: db),
                decisions: try Self.decisions(DecisionFilter(entity: id, limit: 20), in: db))
        }
    }

    /// Contents that mention an entity, newest first, at most `limit`.
    public func contents(mentioning entity: Int64, limit: Int) async throws -> [MentioningContent] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT c.id, s.name, CAST(c.text AS BLOB) AS text
                    FROM contents AS c
                    JOIN sources AS s ON s.id = c.source_id
                    WHERE c.text_hash IS NOT NULL AND c.id IN (\(Self.mentioning))
                    ORDER BY c.published_at DESC, c.id DESC
                    LIMIT :limit
                    """, arguments: ["entity": entity, "limit": limit]
            ).map { row in
                MentioningContent(
                    contentID: row["id"], source: row["name"],
                    text: String(decoding: row["text"] as Data, as: UTF8.self))
            }
        }
    }

    private static let mentioning = """
        SELECT m.content_id
        FROM entity_names AS n
        \(currentMentions)
        WHERE n.entity_id = :entity
        """

    private static func linkedNames(of entity: Int64, in db: Database) throws -> [LinkedName] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT
                    n.id, n.name, n.phase, n.type, n.confidence, n.score, n.why, h.method,
                    (SELECT count(*) FROM mentions AS m WHERE m.name_id = n.id) AS mentions
                FROM entity_names AS n
                JOIN phase_methods AS h ON h.id = n.method_id
                WHERE n.entity_id = ?
                ORDER BY mentions DESC, n.id
                """, arguments: [entity]
        ).map(LinkedName.init)
    }

    private static func sentiment(
        of entity: Int64, _ models: [AnalysedModel], in db: Database
    ) throws -> [EntitySentiment] {
        try models.compactMap { model in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT
                        count(*) AS verdicts,
                        sum(k.sentiment = 1) AS positive,
                        sum(k.sentiment = 0) AS neutral,
                        sum(k.sentiment = -1) AS negative
                    FROM classifications AS k
                    JOIN contents AS c ON c.id = k.content_id AND c.text_version = k.text_version
                    WHERE k.model_version_id = :model AND k.sentiment IS NOT NULL AND k.content_id IN (\(mentioning))
                    """, arguments: ["model": model.id, "entity": entity])
            guard let row, row["verdicts"] as Int > 0 else { return nil }
            return EntitySentiment(
                modelID: model.modelID, modelVersion: model.modelVersion, positive: row["positive"],
                neutral: row["neutral"], negative: row["negative"])
        }
    }
}
