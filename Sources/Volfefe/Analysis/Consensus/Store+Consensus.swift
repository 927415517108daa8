import Foundation
import GRDB
import Inference

extension Store {
    /// Computes a consensus from the verdicts on texts as they are now; with `storing`, stores it under its name.
    ///
    /// What was stored under that name is replaced in the same transaction, so nobody ever reads half of it, and no verdict
    /// can come between reading and storing. Throws `VolfefeError.notFound` when there is nothing to store.
    public func consensus(_ version: ConsensusVersion, storing: Bool = false) async throws -> ConsensusReport {
        guard storing else { return try await read { try Self.consensus(version, in: $0) } }
        guard !version.voters.isEmpty else {
            throw VolfefeError.notFound("there are no verdicts in \(path) to make a consensus of; classify first.")
        }
        return try await write { db in
            let now = Date().milliseconds
            var report = try Self.consensus(version, in: db)
            try Self.replace(report, at: now, in: db)
            report.isStored = true
            return report
        }
    }

    private static func consensus(_ version: ConsensusVersion, in db: Database) throws -> ConsensusReport {
        var ballots: [(id: Int64, textVersion: Int, pattern: VotePattern)] = []
        var contents: [ConsensusReport.Content] = []
        var estimate: DawidSkene?
        if version.method == .dawidSkene {
            var counts: [VotePattern: Int] = [:]
            try eachBallot(of: version, in: db) { id, textVersion, pattern, _ in
                ballots.append((id, textVersion, pattern))
                counts[pattern, default: 0] += 1
            }
            let found = version.estimate(counts.map { .init(pattern: $0, count: $1) })
            let rule = ProbabilityRule(version, found)
            let decisions = counts.keys.reduce(into: [VotePattern: ConsensusDecision]()) {
                $0[$1] = rule.decision($1, confidences: [])
            }
            contents = ballots.compactMap { id, textVersion, pattern in
                decisions[pattern].map { .init(contentID: id, textVersion: textVersion, decision: $0) }
            }
            estimate = found
        } else {
            let rule = VoteCount(version)
            try eachBallot(of: version, in: db) { id, textVersion, pattern, confidences in
                ballots.append((id, textVersion, pattern))
                contents.append(
                    .init(
                        contentID: id, textVersion: textVersion,
                        decision: rule.decision(pattern, confidences: confidences)))
            }
        }
        var tally = ConsensusTally()
        for (ballot, content) in zip(ballots, contents) { tally.add(ballot.pattern, content.decision.outcome) }
        let all = try Int.fetchOne(db, sql: "SELECT count(*) FROM contents WHERE text_hash IS NOT NULL") ?? 0
        return ConsensusReport(
            version: version, name: try version.name, isStored: false,
            summary: ConsensusSummary(tally, of: version, contents: all),
            errors: estimate.map { EstimatedErrors($0, version.voters) }, contents: contents)
    }

    /// Hands over, by content id, what the models of a version say of each content that one of them has judged.
    static func eachBallot(
        of version: ConsensusVersion, in db: Database,
        _ body: (_ id: Int64, _ textVersion: Int, _ pattern: VotePattern, _ confidences: [Double]) -> Void
    ) throws {
        var places = [Int](repeating: -1, count: Int((version.voters.map(\.model.id).max() ?? 0) + 1))
        for (place, voter) in version.voters.enumerated() { places[Int(voter.model.id)] = place }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.id, c.text_version, k.model_version_id, k.sentiment, k.confidence
                -- In the order of the content ids, so that nothing has to be sorted.
                FROM contents AS c INDEXED BY contents_with_text
                CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                WHERE c.text_hash IS NOT NULL
                    AND k.error_code IS NULL
                    AND +k.model_version_id IN (SELECT value FROM json_each(:versions))
                ORDER BY c.id
                """,
            arguments: ["versions": jsonArray(version.voters.map(\.model.id))])
        var current: (id: Int64, textVersion: Int)?
        var pattern = VotePattern()
        var confidences = [Double](repeating: 0, count: version.voters.count)
        func handOver() {
            if let current { body(current.id, current.textVersion, pattern, confidences) }
            pattern = VotePattern()
        }
        while let row = try rows.next() {
            let id: Int64 = row[0]
            if current?.id != id {
                handOver()
                current = (id, row[1])
            }
            let place = places[row[2] as Int]
            pattern[place] = Sentiment(code: row[3])
            confidences[place] = row[4]
        }
        handOver()
    }

    private static func replace(_ report: ConsensusReport, at now: Int64, in db: Database) throws {
        let version = report.version
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let details = try report.errors.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        try db.execute(
            sql: """
                INSERT INTO consensus_versions (name, method, definition, details, computed_at)
                VALUES (:name, :method, :definition, :details, :now)
                ON CONFLICT (name) DO UPDATE SET details = excluded.details, computed_at = excluded.computed_at
                """,
            arguments: [
                "name": report.name, "method": version.method.rawValue, "definition": try version.definition,
                "details": details, "now": now,
            ])
        let id = try Int64.fetchOne(
            db, sql: "SELECT id FROM consensus_versions WHERE name = ?", arguments: [report.name])
        try db.execute(sql: "DELETE FROM consensus_models WHERE consensus_version_id = ?", arguments: [id])
        try db.execute(sql: "DELETE FROM consensus WHERE consensus_version_id = ?", arguments: [id])
        for voter in version.voters {
            try db.execute(
                sql: "INSERT INTO consensus_models VALUES (?, ?, ?)",
                arguments: [id, voter.model.id, version.method.usesWeights ? voter.weight : nil])
        }
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO consensus
                    (consensus_version_id, content_id, text_version, models, sentiment, agreement, tied, score_positive,
                    score_neutral, score_negative)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        for content in report.contents {
            let decision = content.decision
            try insert.execute(arguments: [
                id, content.contentID, content.textVersion, decision.models, decision.sentiment?.code,
                decision.agreement, decision.tied.isEmpty ? nil : decision.tied.rawValue, decision.score(.positive),
                decision.score(.neutral), decision.score(.negative),
            ])
        }
    }

    /// The beginnings of texts, at most 200 characters, by content id.
    public func beginnings(of contents: [Int64]) async throws -> [Int64: String] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT c.id, CAST(substr(c.text, 1, 200) AS BLOB) AS text
                    FROM json_each(:ids) AS asked JOIN contents AS c ON c.id = asked.value
                    """,
                arguments: ["ids": jsonArray(contents)])
            return Dictionary(rows.map { ($0["id"], Self.text($0["text"])) }) { first, _ in first }
        }
    }
}
