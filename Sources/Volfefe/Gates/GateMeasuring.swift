import Foundation
import GRDB

/// The statements behind the gates, in one snapshot.
struct GateMeasuring {
    private let configuration: Configuration
    private let models: [(id: String, version: String)]
    private let now: Date
    private let db: Database

    init(configuration: Configuration, models: [(id: String, version: String)], now: Date, in db: Database) {
        self.configuration = configuration
        self.models = models
        self.now = now
        self.db = db
    }

    /// Measures gates, each of a source or of all; integrity has been measured before.
    func readings(_ asked: [(Gate, String?)], integrity: GateReading?) throws -> [GateReading] {
        var backlogs: [String?: Backlog] = [:]
        func backlog(_ source: String?) throws -> Backlog {
            if let known = backlogs[source] { return known }
            let found = try self.backlog(source)
            backlogs[source] = found
            return found
        }
        return try asked.compactMap { gate, source in
            switch gate {
            case .integrity: integrity
            case .requiredFields: try requiredFields(source)
            case .sentimentCoverage: try sentimentCoverage(source)
            case .topicCoherence: try topicCoherence()
            case .entityResolution: try entityResolution()
            case .backlog: try backlog(source).reading(source)
            case .oldestPending: try backlog(source).ageReading(source, at: now)
            }
        }
    }

    // MARK: - Contents

    private func requiredFields(_ source: String?) throws -> GateReading {
        let names = try source.map { [$0] } ?? String.fetchAll(db, sql: "SELECT name FROM sources ORDER BY name")
        var contents = 0
        var complete = 0
        for name in names {
            let required = configuration.requiredFields(source: name)
            guard !required.isEmpty else { continue }
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT
                            count(*) AS contents,
                            coalesce(sum(
                                (NOT :text OR c.text_hash IS NOT NULL)
                                AND (NOT :published_at OR c.published_at IS NOT NULL)
                                AND (NOT :author OR coalesce(c.author, '') <> '')
                                AND (NOT :url OR coalesce(c.url, '') <> '')), 0) AS complete
                        FROM contents AS c
                        WHERE c.source_id = (SELECT s.id FROM sources AS s WHERE s.name = :source)
                        """),
                arguments: [
                    "source": name, "text": required.contains("text"),
                    "published_at": required.contains("published_at"), "author": required.contains("author"),
                    "url": required.contains("url"),
                ])
            contents += row?["contents"] ?? 0
            complete += row?["complete"] ?? 0
        }
        guard contents > 0 else {
            let isRequired = names.contains { !configuration.requiredFields(source: $0).isEmpty }
            return GateReading(
                .requiredFields, source: source, value: nil,
                why: isRequired ? "there are no contents" : "no field is required")
        }
        return GateReading(
            .requiredFields, source: source, value: Double(complete) / Double(contents),
            why: complete == contents ? nil : "\(contents - complete) of \(contents) contents lack one")
    }

    private func sentimentCoverage(_ source: String?) throws -> GateReading {
        let counts = try PhaseCounting(source: source, in: db).counts(
            models: models, maxAttempts: configuration.phases.maxAttempts)
        let status = counts.status(.sentiment) { configuration.isOn(.sentiment, source: $0) }
        let why =
            status.state == .off
            ? "the phase sentiment is off" : status.due == 0 ? "no content has a text" : nil
        return GateReading(.sentimentCoverage, source: source, value: status.coverage, why: why)
    }

    // MARK: - What phases have found

    private func topicCoherence() throws -> GateReading {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT r.coherence, r.reason
                FROM corpus_runs AS r
                WHERE r.phase = 'topics' AND r.state = 'current'
                -- The whole collection, where topics of it were found.
                ORDER BY r.source_id IS NOT NULL, r.finished_at DESC
                LIMIT 1
                """)
        guard let row else {
            return GateReading(.topicCoherence, value: nil, why: "there are no topics: volfefe phases run topics")
        }
        let coherence: Double? = row["coherence"]
        return GateReading(
            .topicCoherence, value: coherence, why: coherence == nil ? row["reason"] ?? "no topic was found" : nil)
    }

    private func entityResolution() throws -> GateReading {
        let row = try Row.fetchOne(
            db, sql: "SELECT low, accuracy, decided FROM resolution_checks ORDER BY checked_at DESC, id DESC LIMIT 1")
        guard let row, let low: Double = row["low"] else {
            return GateReading(
                .entityResolution, value: nil, why: "it was never checked: volfefe phases run resolve")
        }
        return GateReading(.entityResolution, value: low, why: nil)
    }

    // MARK: - What is left

    /// What phases still have to see, and what waits in queues.
    private struct Backlog {
        var contents: [(phase: Phase, count: Int)] = []
        var jobs = 0
        /// What has waited longest, and for which phase.
        var oldest: (phase: Phase, since: Date)?
        var hasContents = false

        func reading(_ source: String?) -> GateReading {
            let parts =
                contents.filter { $0.count > 0 }.map { "\($0.phase.rawValue) \($0.count)" }
                + (jobs > 0 ? ["jobs \(jobs)"] : [])
            let value = Double(contents.reduce(jobs) { $0 + $1.count })
            return GateReading(
                .backlog, source: source, value: value, why: parts.isEmpty ? nil : parts.joined(separator: ", "))
        }

        func ageReading(_ source: String?, at now: Date) -> GateReading {
            guard let oldest else { return GateReading(.oldestPending, source: source, value: 0) }
            let age = max(now.timeIntervalSince(oldest.since), 0)
            return GateReading(.oldestPending, source: source, value: age, why: "for \(oldest.phase.rawValue)")
        }
    }

    private func backlog(_ source: String?) throws -> Backlog {
        var backlog = Backlog()
        for phase in Phase.allCases where phase != .analytics {
            var count = 0
            var since: Date?
            for selection in configuration.selections(phase, source: source) {
                let row = try waiting(phase, selection)
                count += row?["contents"] ?? 0
                let own = (row?["since"] as Int64?).map(Date.init(milliseconds:))
                since = [since, own].compactMap { $0 }.min()
            }
            // Topics wait on purpose until there are enough new contents.
            if phase == .topics, count < minimumForTopics { continue }
            backlog.contents.append((phase, count))
            if let since, since < backlog.oldest?.since ?? .distantFuture { backlog.oldest = (phase, since) }
        }
        if source == nil { backlog.jobs = try waitingJobs() }
        return backlog
    }

    private var minimumForTopics: Int {
        guard case .integer(let minimum)? = configuration.phases.phases[.topics]?.worker["minimum_contents"] else {
            return 0
        }
        return minimum
    }

    private func waiting(_ phase: Phase, _ selection: PhaseSelection) throws -> Row? {
        // A text waits since it was stored, or edited.
        let columns = "count(*) AS contents, min(iif(c.text_version = 1, c.inserted_at, c.updated_at)) AS since"
        guard phase == .sentiment else {
            return try Row.fetchOne(
                db, sql: "SELECT \(columns) \(Store.pendingContents)", arguments: Store.arguments(phase, selection))
        }
        let cells = try Cells(models: models, force: false, in: db)
        return try Row.fetchOne(
            db, sql: "SELECT \(columns) \(Store.contentsMissingVerdicts)",
            arguments: cells.due &+ Store.scope(selection))
    }

    /// Jobs whose time has come; those that classify are counted as the contents that they are about.
    private func waitingJobs() throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT
                    (SELECT count(*) FROM jobs WHERE state = 'available' AND kind <> :classify)
                    + (SELECT count(*) FROM jobs
                        WHERE state IN ('scheduled', 'retryable') AND scheduled_at <= :now AND kind <> :classify)
                """, arguments: ["classify": JobDraft.classify, "now": now.milliseconds]) ?? 0
    }
}
