import Foundation
import GRDB

extension Store {
    /// Contents that miss a verdict of `models`, by ascending id, from the first after the id `after`, at most `page`.
    ///
    /// A verdict is missing when there is none on the current text, or only a failure; a failure `poison` counts as a
    /// verdict, because its text kills workers. With `force` every verdict is missing. A limit is the caller's to keep.
    public func work(
        selection: Selection, models: [(id: String, version: String)], force: Bool, after: Int64, page: Int
    ) async throws -> [WorkItem] {
        guard page > 0, !models.isEmpty else { return [] }
        let ids = selection.sortedIDs?.drop { $0 <= after }
        return try await read { db in
            let cells = try Cells(models: models, force: force, in: db)
            guard var ids else { return try cells.page(after: after, limit: page, in: db) }
            var items: [WorkItem] = []
            while items.count < page, !ids.isEmpty {
                let chunk = ids.prefix(2000)
                ids = ids.dropFirst(2000)
                items += try cells.page(of: Array(chunk), limit: page - items.count, in: db)
            }
            return items
        }
    }

    /// How much there is to do for the whole selection.
    public func plan(
        selection: Selection, models: [(id: String, version: String)], force: Bool
    ) async throws -> WorkPlan {
        let ids = selection.sortedIDs
        return try await read { db in
            let cells = try Cells(models: models, force: force, in: db)
            let (contents, missing) = try cells.count(of: ids, limit: selection.limit, in: db)
            var plan = WorkPlan(contents: contents, cells: missing, withoutText: 0, unknownIDs: [])
            if let ids {
                plan.withoutText = try Self.countWithoutText(of: ids, in: db)
                plan.unknownIDs = try Self.unknown(ids, in: db)
            } else if case .all = selection {
                plan.withoutText =
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM contents WHERE text_hash IS NULL") ?? 0
            }
            return plan
        }
    }

    /// Contents that miss a verdict only because a run beside this one has failed on them; 0 for a limit.
    func failedElsewhere(
        selection: Selection, models: [(id: String, version: String)], effort: Effort, hasMetOthers: Bool
    ) async throws -> Int {
        if case .limit = selection { return 0 }
        let ids = selection.sortedIDs
        return try await read { db in
            let isAlone = try Bool.fetchOne(
                db, sql: "SELECT NOT EXISTS (SELECT 1 FROM runs WHERE id > ?)", arguments: [effort.run])
            guard hasMetOthers || isAlone == false else { return 0 }
            func due(_ effort: Effort) throws -> Int {
                try Cells(models: models, force: false, effort: effort, in: db).count(of: ids, limit: .max, in: db)
                    .contents
            }
            return try due(Effort(run: .max, others: [effort.run])) - due(effort)
        }
    }

    private static func countWithoutText(of ids: [Int64], in db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*)
                FROM json_each(?) AS asked JOIN contents AS c ON c.id = asked.value
                WHERE c.text_hash IS NULL
                """,
            arguments: [jsonArray(ids)]) ?? 0
    }

    private static func unknown(_ ids: [Int64], in db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: """
                SELECT asked.value
                FROM json_each(?) AS asked
                WHERE NOT EXISTS (SELECT 1 FROM contents AS c WHERE c.id = asked.value)
                """,
            arguments: [jsonArray(ids)])
    }
}

/// A list of integers as one bound value, for `json_each`.
func jsonArray(_ ids: [Int64]) -> String { "[" + ids.map(String.init).joined(separator: ",") + "]" }

/// Strings as a JSON array, likewise.
func jsonArray(_ strings: [String]) -> String { JSONValue.array(strings.map(JSONValue.string)).json }

/// Finds the cells of content × model that miss a verdict.
struct Cells {
    /// Model ids in the caller's order, each with its id in the database; nil when the version was never registered.
    private let models: [(id: String, versionID: Int64?)]
    /// A content with so many verdicts misses none.
    private let enough: Int
    private let force: Bool
    private let effort: Effort

    /// `effort`: a failure of these runs counts as a verdict, so that no run tries twice what it shares with others.
    init(models: [(id: String, version: String)], force: Bool, effort: Effort = .none, in db: Database) throws {
        self.models = try models.map { ($0.id, try Store.version($0.version, ofModel: $0.id, in: db)?.id) }
        self.force = force
        self.effort = effort
        enough = force ? models.count + 1 : models.count
    }

    /// Contents with a text, without touching the texts.
    static let everything = "contents AS c INDEXED BY contents_with_text"
    /// The contents of a list of ids.
    static let listed = "json_each(:ids) AS asked JOIN contents AS c ON c.id = asked.value"

    /// Verdicts on the current text of `c` that need no repetition.
    static let verdicts = """
        FROM classifications AS k
        WHERE k.content_id = c.id
            -- The unary plus: read the few rows of a content in one go, not model by model.
            AND +k.model_version_id IN (SELECT value FROM json_each(:versions))
            AND k.text_version = c.text_version
            AND (k.error_code IS NULL OR k.error_code = 'poison'
                OR k.run_id >= :run OR k.run_id IN (SELECT value FROM json_each(:others)))
        """

    func page(after: Int64, limit: Int, in db: Database) throws -> [WorkItem] {
        try page(from: Self.everything, ["after": after, "limit": limit], in: db)
    }

    func page(of ids: [Int64], limit: Int, in db: Database) throws -> [WorkItem] {
        try page(from: Self.listed, ["ids": jsonArray(ids), "after": Int64.min, "limit": limit], in: db)
    }

    /// The statement of `page`, for its plan to be checked.
    static func pageSQL(from contents: String) -> String {
        """
        WITH page AS (
            SELECT c.id
            FROM \(contents)
            WHERE c.id > :after AND c.text_hash IS NOT NULL AND (SELECT count(*) \(verdicts)) < :enough
            ORDER BY c.id
            LIMIT :limit)
        SELECT
            c.id,
            c.text_version,
            CAST(c.text AS BLOB) AS text, -- as bytes: read as a string, it would end at its first NUL
            (SELECT group_concat(k.model_version_id) \(verdicts)) AS done
        FROM page JOIN contents AS c ON c.id = page.id
        ORDER BY c.id
        """
    }

    private func page(from contents: String, _ arguments: StatementArguments, in db: Database) throws -> [WorkItem] {
        let statement = try db.cachedStatement(sql: Self.pageSQL(from: contents))
        let arguments = arguments &+ due
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            let text: Data = row["text"]
            let done = (row["done"] as String? ?? "").split(separator: ",").compactMap { Int64($0) }
            let missing = models.filter { model in force || !done.contains { $0 == model.versionID } }
            return WorkItem(
                contentID: row["id"], text: String(decoding: text, as: UTF8.self), textVersion: row["text_version"],
                missing: missing.map(\.id))
        }
    }

    /// Contents and cells to do.
    func count(of ids: [Int64]?, limit: Int, in db: Database) throws -> (contents: Int, cells: Int) {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) AS contents, coalesce(sum(:models - done), 0) AS cells
                FROM (
                    SELECT (SELECT count(*) \(Self.verdicts)) AS done
                    FROM \(ids == nil ? Self.everything : Self.listed)
                    WHERE c.text_hash IS NOT NULL AND done < :enough
                    ORDER BY c.id
                    LIMIT :limit)
                """,
            arguments: (ids.map { ["ids": jsonArray($0)] } ?? [])
                &+ ["models": models.count, "limit": limit] &+ due)
        guard let row else { return (0, 0) }
        let contents: Int = row["contents"]
        return (contents, force ? contents * models.count : row["cells"])
    }

    /// What `verdicts` and the comparison with `enough` need.
    var due: StatementArguments {
        [
            "versions": jsonArray(models.compactMap(\.versionID)), "enough": enough, "run": effort.run,
            "others": jsonArray(effort.others),
        ]
    }
}
