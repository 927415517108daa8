import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreClaimTests {
    private static let models = [(id: "finance", version: "1.0")]
    private let up = Prediction.of(Records.finance, [0.125, 0.75, 0.125])
    /// A process that has ended: its number may be taken, its start is not.
    private let dead = Owner(boot: Owner.current.boot, pid: getpid(), start: Owner.current.start + 1)
    private let all = Int64.min...Int64.max

    private func request(_ run: Int64, _ store: Store, force: Bool = false) async throws -> WorkRequest {
        .init(models: Self.models, force: force, effort: try await store.effort(of: run))
    }

    private func begin(_ store: Store, owner: Owner = .current) async throws -> Int64 {
        try await store.beginRun(command: "classify --all", configuration: "[]", owner: owner)
    }

    private func claims(_ store: Store) async throws -> [Int64: Int64] {
        try await store.read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT content_id, run_id FROM claims")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
    }

    @Test func `what one run has claimed no other run gets, until it is stored or given back`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let ids = try await store.ingest(texts: ["a", "b", "c", "d", "e"])
            let (first, second) = (try await begin(store), try await begin(store))
            let mine = try await store.claim(request(first, store), in: all, page: 3)
            #expect(mine.items.map(\.contentID) == Array(ids[0...2]) && mine.held.isEmpty && mine.lookedAt == ids[2])
            let other = try await store.claim(request(second, store), in: all, page: 10)
            #expect(other.items.map(\.contentID) == Array(ids[3...4]))
            #expect(other.held == [ids[0]...ids[2]] && other.lookedAt == .max)

            try await store.save(.prediction(up), of: "finance", on: ids[0], run: first)
            try await store.release([ids[1]], run: first)
            // Nobody gives back what is not theirs.
            try await store.release([ids[2]], run: second)
            #expect(try await claims(store) == [ids[2]: first, ids[3]: second, ids[4]: second])
            let next = try await store.claim(request(second, store), in: other.held[0], page: 10)
            #expect(next.items.map(\.contentID) == [ids[1]] && next.held == [ids[2]...ids[2]])
            try await store.finishRun(first, interrupted: true)
            try await store.finishRun(second, interrupted: false)
            #expect(try await claims(store).isEmpty)
        }
    }

    @Test func `with force a claim holds too`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let ids = try await store.ingest(texts: ["a", "b"])
            let (first, second) = (try await begin(store), try await begin(store))
            for id in ids { try await store.save(.prediction(up), of: "finance", on: id, run: first) }
            let mine = try await store.claim(request(first, store, force: true), in: all, page: 1)
            #expect(mine.items.map(\.contentID) == [ids[0]])
            let other = try await store.claim(request(second, store, force: true), in: all, of: ids, page: 9)
            #expect(other.items.map(\.contentID) == [ids[1]] && other.held == [ids[0]...ids[0]])
        }
    }

    @Test func `claims of a dead owner are taken over at once, and its run is interrupted`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let ids = try await store.ingest(texts: ["a", "b", "c"])
            let killed = try await begin(store, owner: dead)
            // Claims of another boot: the process id says nothing about them.
            let rebooted = try await begin(
                store, owner: .init(boot: "another", pid: getpid(), start: Owner.current.start))
            try await store.write { db in
                try db.execute(sql: "UPDATE runs SET state = 'running', finished_at = NULL")
                try db.execute(
                    sql: "INSERT INTO claims VALUES (?, ?), (?, ?)", arguments: [ids[0], killed, ids[1], rebooted])
                // Times prove nothing: neither a future nor a past one keeps a claim alive or ends one.
                try db.execute(
                    sql: "UPDATE runs SET started_at = started_at + 86400000 WHERE id = ?", arguments: [killed])
            }
            let report = try await store.integrityReport()
            #expect(report.deadClaims == 2 && report.liveClaims == 0 && report.liveOwners.isEmpty)
            let run = try await store.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO runs (started_at, command, configuration, owner_boot, owner_pid, owner_start)
                        VALUES (0, 'c', '[]', ?, ?, ?)
                        """, arguments: [Owner.current.boot, Owner.current.pid, Owner.current.start])
                return db.lastInsertedRowID
            }
            let page = try await store.claim(request(run, store), in: all, page: 10)
            #expect(page.items.map(\.contentID) == ids && page.held.isEmpty)
            for other in [killed, rebooted] {
                let ended = try #require(try await store.run(other))
                #expect(ended.state == .interrupted && ended.finishedAt != nil)
            }
            #expect(try await store.run(run)?.owner == .current)
            #expect(try await store.integrityReport().liveClaims == 3)
        }
    }

    @Test func `a run that begins ends those that were killed and leaves those that live`() async throws {
        try await withStore { store in
            let live = try await begin(store)
            let killed = try await begin(store, owner: dead)
            _ = try await begin(store)
            #expect(try await store.run(killed)?.state == .interrupted)
            #expect(try await store.run(live)?.state == .running)
            try await store.write { db in
                try db.execute(
                    sql: "UPDATE runs SET state = 'running', finished_at = NULL WHERE id = ?", arguments: [killed])
            }
            try await store.interruptDeadRuns()
            #expect(try await store.run(killed)?.state == .interrupted)
            #expect(try await store.run(live)?.state == .running)
        }
    }

    @Test func `a process that ended but was not reaped is dead`() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/cat")
        let input = Pipe()
        process.standardInput = input
        try process.run()
        let stat = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        let start = try #require(stat.split(separator: ")").last?.split(separator: " ").dropFirst(19).first)
        let owner = Owner(
            boot: Owner.current.boot, pid: process.processIdentifier, start: try #require(Int64(start)))
        #expect(owner.isAlive)
        #expect(!Owner(boot: owner.boot, pid: owner.pid, start: owner.start + 1).isAlive)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(!owner.isAlive)
        #expect(Owner.current.isAlive)
    }

    @Test func `what a run beside this one has failed on is not tried again, what an earlier one has is`() async throws
    {
        try await withStore { store in
            try await store.register([Records.finance])
            let ids = try await store.ingest(texts: ["a", "b", "c"])
            let failure = ModelOutcome.failure(.init(code: "model_error", message: "it raised"))
            let earlier = try await begin(store)
            try await store.save(failure, of: "finance", on: ids[0], run: earlier)
            try await store.finishRun(earlier, interrupted: false)
            let beside = try await begin(store)
            let run = try await begin(store)
            let later = try await begin(store)
            let effort = try await store.effort(of: run)
            #expect(effort == Effort(run: run, others: [beside, later]))
            try await store.save(failure, of: "finance", on: ids[1], run: beside)
            try await store.save(failure, of: "finance", on: ids[2], run: later)
            let work = WorkRequest(models: Self.models, force: false, effort: Effort(run: run, others: [beside]))
            #expect(try await store.claim(work, in: all, page: 9).items.map(\.contentID) == [ids[0]])
            try await store.save(failure, of: "finance", on: ids[0], run: run)
            #expect(
                try await store.failedElsewhere(
                    selection: .all, models: Self.models, effort: effort, hasMetOthers: false) == 2)
            // Another day all three are tried again.
            #expect(try await store.allWork([Records.finance]).count == 3)
        }
    }

    @Test(arguments: [Selection.all, .contents(Array(1...600))])
    func `many runs at once share the work without a text twice`(selection: Selection) async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let store = try Store(path: path)
            try await store.register([Records.finance])
            let ids = try await store.ingest(texts: (1...600).map { "text \($0)" })
            let done = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        let store = try Store(path: path)
                        try await store.register([Records.finance])
                        let run = try await begin(store)
                        var pages = ClaimedPages(
                            store: store, selection: selection, request: try await request(run, store), size: 17)
                        var mine: [Int64] = []
                        while true {
                            guard let page = try await pages.next()?.items else {
                                guard try await pages.waitForOthers(StopRequest(), { _ in }) else { break }
                                continue
                            }
                            mine += page.map(\.contentID)
                            try await store.save(
                                page.map {
                                    .init(
                                        contentID: $0.contentID, textVersion: $0.textVersion,
                                        results: .init(models: ["finance": .prediction(up)], textInfo: nil))
                                }, run: run)
                        }
                        try await store.finishRun(run, interrupted: false)
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(done.sorted() == ids)
            #expect(try await claims(store).isEmpty)
            #expect(try await store.integrityReport().predictions == 600)
        }
    }

    @Test func `what others hold is waited for and taken over when it comes free; a stop ends the waiting`()
        async throws
    {
        try await withStore { store in
            try await store.register([Records.finance])
            let ids = try await store.ingest(texts: ["a", "b", "c"])
            let (other, run) = (try await begin(store), try await begin(store))
            _ = try await store.claim(request(other, store), in: all, page: 2)
            var pages = ClaimedPages(
                store: store, selection: .all, request: try await request(run, store), size: 10)
            #expect(try await pages.next()?.items.map(\.contentID) == [ids[2]])
            #expect(try await pages.next() == nil && pages.hasMetOthers)
            let stop = StopRequest()
            var said: [Int] = []
            for _ in 0..<2 {
                #expect(try await pages.waitForOthers(stop) { said.append($0) })
                #expect(try await pages.next() == nil)
            }
            #expect(said == [1])
            try await store.finishRun(other, interrupted: true)
            #expect(try await pages.waitForOthers(stop) { said.append($0) })
            #expect(try await pages.next()?.items.map(\.contentID) == [ids[0], ids[1]])
            #expect(try await !pages.waitForOthers(stop) { said.append($0) } && said == [1])
        }
    }

    @Test func `a limit counts only what the run has claimed itself`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let ids = try await store.ingest(texts: (1...9).map { "text \($0)" })
            let (other, run) = (try await begin(store), try await begin(store))
            _ = try await store.claim(request(other, store), in: all, page: 3)
            var pages = ClaimedPages(
                store: store, selection: .limit(4), request: try await request(run, store), size: 2)
            var mine: [Int64] = []
            while let page = try await pages.next() { mine += page.items.map(\.contentID) }
            #expect(mine == Array(ids[3...6]))
            // It has what it wanted, so it waits for nobody.
            #expect(try await !pages.waitForOthers(StopRequest()) { _ in })
        }
    }
}
