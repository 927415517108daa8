import Foundation
import GRDB

/// A page of work that one run alone holds, and how far the search for it came.
public struct ClaimedPage: Sendable, Hashable {
    /// The contents that are now the run's, ascending by id.
    public internal(set) var items: [WorkItem] = []
    /// Verdicts that were taken over from equal texts, and are stored.
    public internal(set) var reused: [ReusedText] = []
    /// Ranges of ids in which other living runs hold contents that are due.
    public internal(set) var held: [ClosedRange<Int64>] = []
    /// Everything up to this id has been looked at.
    public internal(set) var lookedAt: Int64
}

/// What a run looks for.
public struct WorkRequest: Sendable {
    /// Model ids and version labels.
    public var models: [(id: String, version: String)]
    /// Whether verdicts that are there count as missing.
    public var force: Bool
    /// Whether a verdict on an equal text is taken over; never with `force`.
    public var reuse: Bool
    /// The run, and those that work beside it.
    public var effort: Effort

    /// Creates a request.
    public init(models: [(id: String, version: String)], force: Bool, reuse: Bool = true, effort: Effort) {
        self.models = models
        self.force = force
        self.reuse = reuse && !force
        self.effort = effort
    }
}

extension Store {
    /// The run with the others that are at work now; call it once the run has begun.
    public func effort(of run: Int64) async throws -> Effort {
        try await read { db in Effort(run: run, others: try Owners(in: db).living(besides: run)) }
    }

    /// Claims the first `page` contents at most that miss a verdict within `range`, or of `ids` within it (ascending).
    ///
    /// The search reads a snapshot and blocks nobody; one short transaction then takes what is still due and free. Contents
    /// of a run whose owner is dead are free, and that run is marked as interrupted. The same transaction stores what can be
    /// taken over from equal texts; contents that miss nothing after that are no work any more.
    public func claim(
        _ request: WorkRequest, in range: ClosedRange<Int64>, of ids: [Int64]? = nil, page: Int
    ) async throws -> ClaimedPage {
        let found = try await read { db in
            try Claiming(request, in: db).candidates(range, of: ids.map { Self.slice($0, range) }, limit: page)
        }
        guard !found.free.isEmpty else { return found.page }
        let versions = registered.withLock { $0 }.filter { id, known in
            request.models.contains { $0.id == id && $0.version == known.version }
        }
        return try await write { db in
            var page = found.page
            try Claiming(request, in: db).take(found.free, into: &page)
            if request.reuse { try Reuse(run: request.effort.run, versions: versions, in: db).apply(to: &page) }
            return page
        }
    }

    /// Numbers of the other runs that hold claims and whose owner lives.
    func holders(besides run: Int64) async throws -> [Int64] {
        try await read { db in try Owners(in: db).holders(besides: run).filter(\.value).map(\.key) }
    }

    /// Gives back what the run has claimed of these contents.
    public func release(_ contents: [Int64], run: Int64) async throws {
        guard !contents.isEmpty else { return }
        try await write { db in
            try db.execute(
                sql: "DELETE FROM claims WHERE run_id = ? AND content_id IN (SELECT value FROM json_each(?))",
                arguments: [run, jsonArray(contents)])
        }
    }

    /// The part of ascending ids that lies in the range.
    private static func slice(_ ids: [Int64], _ range: ClosedRange<Int64>) -> ArraySlice<Int64> {
        let start = ids.partitioningIndex { $0 >= range.lowerBound }
        return ids[start..<max(start, ids.partitioningIndex { $0 > range.upperBound })]
    }
}

/// The statements of one `claim`.
struct Claiming {
    struct Candidates: Sendable {
        var free: [Int64] = []
        var page: ClaimedPage
    }

    private let db: Database
    private let run: Int64
    private let cells: Cells

    init(_ request: WorkRequest, in db: Database) throws {
        try self.init(
            run: request.effort.run,
            Cells(models: request.models, force: request.force, effort: request.effort, in: db), in: db)
    }

    init(run: Int64, _ cells: Cells, in db: Database) {
        self.db = db
        self.run = run
        self.cells = cells
    }

    /// What is due, apart from what living others hold; reads only.
    func candidates(_ range: ClosedRange<Int64>, of ids: ArraySlice<Int64>?, limit: Int) throws -> Candidates {
        let holders = try Owners(in: db).holders(besides: run)
        var candidates = Candidates(page: ClaimedPage(lookedAt: range.upperBound))
        func sort(_ due: [(id: Int64, holder: Int64?)]) {
            for (id, holder) in due where holder != run {
                guard let holder, holders[holder] == true else {
                    candidates.free.append(id)
                    continue
                }
                candidates.page.hold(id, afterFree: candidates.free.last)
            }
        }
        guard var ids else {
            let due = try due(from: Cells.everything, ["first": range.lowerBound, "last": range.upperBound], limit)
            sort(due)
            if due.count == limit, let last = due.last { candidates.page.lookedAt = last.id }
            return candidates
        }
        var count = 0
        while count < limit, !ids.isEmpty {
            let chunk = ids.prefix(2000)
            ids = ids.dropFirst(2000)
            let due = try due(
                from: Cells.listed, ["ids": jsonArray(Array(chunk)), "first": Int64.min, "last": Int64.max],
                limit - count)
            sort(due)
            count += due.count
            if count == limit, let last = due.last { candidates.page.lookedAt = last.id }
        }
        return candidates
    }

    /// Takes what is still due and free of `ids`; needs the write lock.
    func take(_ ids: [Int64], into page: inout ClaimedPage) throws {
        let owners = Owners(in: db)
        let holders = try owners.holders(besides: run)
        let dead = holders.filter { !$0.value }.map(\.key)
        if !dead.isEmpty { try owners.bury(dead) }
        let listed: StatementArguments = ["ids": jsonArray(ids), "first": Int64.min, "last": Int64.max]
        var free: [Int64] = []
        for (id, holder) in try due(from: Cells.listed, listed, ids.count) {
            if let holder {
                if holder != run { page.hold(id, afterFree: free.last) }
            } else {
                free.append(id)
            }
        }
        guard !free.isEmpty else { return }
        try db.cachedStatement(
            sql: "INSERT INTO claims (content_id, run_id) SELECT value, :run FROM json_each(:ids)"
        ).execute(arguments: ["run": run, "ids": jsonArray(free)])
        page.items = try cells.page(of: free, limit: free.count, in: db)
    }

    private func due(
        from contents: String, _ arguments: StatementArguments, _ limit: Int
    ) throws -> [(id: Int64, holder: Int64?)] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT c.id, h.run_id
                FROM \(contents) LEFT JOIN claims AS h ON h.content_id = c.id
                WHERE c.id BETWEEN :first AND :last AND c.text_hash IS NOT NULL
                    AND (SELECT count(*) \(Cells.verdicts)) < :enough
                ORDER BY c.id
                LIMIT :limit
                """)
        return try Row.fetchAll(statement, arguments: arguments &+ cells.due &+ ["limit": limit])
            .map { ($0[0], $0[1]) }
    }
}

extension ClaimedPage {
    /// Notes that somebody else holds a content; neighbours without a free one between them share a range.
    fileprivate mutating func hold(_ id: Int64, afterFree free: Int64?) {
        if let last = held.last, last.upperBound < id, free.map({ $0 < last.lowerBound }) ?? true {
            held[held.count - 1] = last.lowerBound...id
        } else {
            held.append(id...id)
        }
    }
}

extension Array {
    /// Index of the first element from which on `isAfter` holds; the array must be sorted by it.
    fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
