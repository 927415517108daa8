import Foundation
import GRDB
import Inference

/// The statements that store what text phases have found; in the caller's transaction.
struct AnnotationSaving {
    private let db: Database
    private let writers: [Phase: PhaseStatusWriter]
    private var names: FoundNames

    init(methods: [Phase: Int64], in db: Database) {
        self.db = db
        writers = Dictionary(
            uniqueKeysWithValues: methods.map { ($0, PhaseStatusWriter($0, method: $1, in: db)) })
        names = FoundNames(methods: methods, in: db)
    }

    /// Stores findings; `isNew` says that the content was stored in this transaction, so that there is nothing to replace.
    mutating func store(_ item: AnnotatedContent, isNew: Bool = false) throws {
        if !isNew {
            let version = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT text_version FROM contents WHERE id = ?"), arguments: [item.contentID])
            guard version == item.textVersion else { return }
        }
        try storeLanguage(item, isNew)
        for phase in [Phase.entities, .ner] { try storeMentions(item, phase, isNew) }
    }

    private func storeLanguage(_ item: AnnotatedContent, _ isNew: Bool) throws {
        guard let found = item.annotations.language, let writer = writers[.language] else { return }
        switch found {
        case .failure(let failure): try fail(item, .language, failure, writer, isNew)
        case .success(let found):
            guard (found.language == nil) == (found.score == nil), found.language != "",
                found.score.map((0...1).contains) ?? true
            else { return try fail(item, .language, Self.badReply, writer, isNew) }
            try db.cachedStatement(
                sql: """
                    INSERT INTO content_languages (content_id, text_version, language, score) VALUES (?, ?, ?, ?)
                    ON CONFLICT (content_id) DO UPDATE SET
                        text_version = excluded.text_version,
                        language = excluded.language,
                        score = excluded.score
                    """
            ).execute(arguments: [item.contentID, item.textVersion, found.language?.withoutNUL, found.score])
            try writer.done(item.contentID, textVersion: item.textVersion)
        }
    }

    private mutating func storeMentions(_ item: AnnotatedContent, _ phase: Phase, _ isNew: Bool) throws {
        guard let found = item.annotations.mentions(of: phase), let writer = writers[phase] else { return }
        switch found {
        case .failure(let failure): try fail(item, phase, failure, writer, isNew)
        case .success(let mentions):
            guard mentions.allSatisfy(\.isSound) else { return try fail(item, phase, Self.badReply, writer, isNew) }
            if !isNew { try forget(item.contentID, phase) }
            for mention in mentions {
                let name = try names.id(of: mention, phase)
                try db.cachedStatement(
                    sql: """
                        INSERT INTO mentions (content_id, phase, start, "end", name_id, rule, confidence)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (content_id, phase, start) DO NOTHING
                        """
                ).execute(arguments: [
                    item.contentID, phase.rawValue, mention.start, mention.end, name, mention.rule, mention.confidence,
                ])
            }
            try writer.done(item.contentID, textVersion: item.textVersion)
        }
    }

    private static let badReply = PhaseFailure(
        code: "bad_reply", message: "the worker's answer for this text is unusable")

    /// Notes a failure. What was found in an older version of the text goes; what was found in this one stays, as done.
    private func fail(
        _ item: AnnotatedContent, _ phase: Phase, _ failure: PhaseFailure, _ writer: PhaseStatusWriter, _ isNew: Bool
    ) throws {
        if !isNew {
            let isDone = try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT state = 'done' AND text_version = ? FROM content_phases WHERE content_id = ? AND phase = ?
                        """),
                arguments: [item.textVersion, item.contentID, phase.rawValue])
            if isDone == true { return }
            try forget(item.contentID, phase)
        }
        try writer.failed(
            item.contentID, textVersion: item.textVersion, code: failure.code.isEmpty ? "phase_error" : failure.code,
            message: failure.message.withoutNUL)
    }

    private func forget(_ content: Int64, _ phase: Phase) throws {
        if phase == .language {
            try db.cachedStatement(sql: "DELETE FROM content_languages WHERE content_id = ?")
                .execute(arguments: [content])
        } else {
            try db.cachedStatement(sql: "DELETE FROM mentions WHERE content_id = ? AND phase = ?")
                .execute(arguments: [content, phase.rawValue])
        }
    }
}

extension MentionFound {
    /// Whether it can be true, and be stored.
    fileprivate var isSound: Bool {
        start >= 0 && end > start && (0...1).contains(confidence) && !name.isEmpty
            && ["company", "organisation", "person", "place", "asset"].contains(type)
    }
}
