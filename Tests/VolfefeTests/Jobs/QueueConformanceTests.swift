import Foundation
import Inference
import Testing

@testable import Volfefe

/// What a job queue must do, whatever database is under it: every promise of `docs/operations.md`, and the traps that users of
/// other queues have reported.
@Suite struct QueueConformanceTests {
    private typealias Databases = QueueDatabase

    // MARK: - Order and time

    @Test(arguments: QueueDatabase.allCases)
    func `lower priority numbers go first and then the oldest`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            for priority in [9, 0, 5, 0] {
                try await queue.put([JobDraft(kind: "test")], JobPlacement(priority: priority))
            }
            #expect(try await queue.take(3, run: run).map(\.id) == [2, 4, 3])
            #expect(try await queue.take(3, run: run).map(\.id) == [1])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a job is not begun before its time`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test")], JobPlacement(at: Date.epoch.plus(3600)))
            #expect(try await queue.jobCounts(JobFilter()) == [.scheduled: 1])
            #expect(try await queue.take(run: run, at: .epoch.plus(3599)).isEmpty)
            #expect(try await queue.take(run: run, at: .epoch.plus(3600)).count == 1)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a time in the past means at once`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test")], JobPlacement(at: Date.epoch.plus(-3600)))
            #expect(try await queue.take(run: run).count == 1)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a flood of due jobs holds up nobody`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put(uniqueDrafts(5000), JobPlacement(priority: 5, at: Date.epoch.plus(1)))
            try await queue.put([JobDraft(kind: "urgent")], JobPlacement(priority: 0))
            // One claim makes only some of them available, and the urgent one is in it.
            #expect(try await queue.take(1, run: run, at: .epoch.plus(2)).map(\.kind) == ["urgent"])
            var taken = 0
            while case let jobs = try await queue.take(1000, run: run, at: .epoch.plus(2)), !jobs.isEmpty {
                taken += jobs.count
            }
            #expect(taken == 5000)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `queues are separate`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test")], JobPlacement(queue: "a"))
            try await queue.put([JobDraft(kind: "test")], JobPlacement(queue: "b"))
            #expect(try await queue.take(of: "b", run: run).map(\.id) == [2])
            let both = [JobDemand(queue: "a", limit: 5), JobDemand(queue: "b", limit: 5)]
            #expect(try await queue.claimJobs(both, run: run, at: .epoch).map(\.id) == [1])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a paused queue stays paused for every process until it is resumed`(_ database: QueueDatabase) async throws {
        try await database.open(2) { queues in
            try await queues[0].put([JobDraft(kind: "test")])
            #expect(try await queues[0].setPaused(true, queue: "default"))
            let run = try await queues[1].run(owner: .current)
            #expect(try await queues[1].take(run: run).isEmpty)
            #expect(try await queues[0].setPaused(false, queue: "default"))
            #expect(try await queues[1].take(run: run).count == 1)
            #expect(try await !queues[0].setPaused(true, queue: "nowhere"))
        }
    }

    // MARK: - Uniqueness

    @Test(arguments: QueueDatabase.allCases)
    func `uniqueness holds within one bulk insert`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let result = try await queue.put(uniqueDrafts(10) + uniqueDrafts(12))
            #expect(result.inserted == 12)
            #expect(result.known == 10)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `uniqueness holds across connections that race`(_ database: QueueDatabase) async throws {
        try await database.open(8) { queues in
            let inserted = try await withThrowingTaskGroup(of: Int.self) { group in
                for queue in queues {
                    group.addTask { try await queue.put(uniqueDrafts(300).shuffled()).inserted }
                }
                return try await group.reduce(0, +)
            }
            #expect(inserted == 300)
            #expect(try await queues[0].jobCounts(JobFilter()) == [.available: 300])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `uniqueness holds in every state that is not done and ends with it`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            let draft = [JobDraft(kind: "test", uniqueKey: "k")]
            try await queue.put(draft)
            let first = try await queue.take(run: run)
            #expect(try await queue.put(draft).inserted == 0, "executing")
            try await queue.end(first, .failed(.init(.error, message: "no")), run: run)
            #expect(try await queue.put(draft).inserted == 0, "retryable")
            let second = try await queue.take(run: run, at: .epoch.plus(60))
            try await queue.end(second, .snoozed(.seconds(9)), run: run)
            #expect(try await queue.put(draft).inserted == 0, "scheduled")
            let third = try await queue.take(run: run, at: .epoch.plus(120))
            try await queue.end(third, .completed(), run: run)
            // Completed jobs are still there, unpruned: they keep nothing out.
            #expect(try await queue.put(draft).inserted == 1)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `uniqueness does not depend on pruning`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test", uniqueKey: "k")])
            let jobs = try await queue.take(run: run)
            _ = try await queue.pruneJobs(
                completedFor: .zero, cancelledFor: .zero, limit: 100, at: .epoch.plus(1_000_000))
            #expect(try await queue.put([JobDraft(kind: "test", uniqueKey: "k")]).inserted == 0)
            try await queue.end(jobs, .failed(.init(.poison, message: "kills")), run: run)
            let again = try await queue.put([JobDraft(kind: "test", uniqueKey: "k")])
            #expect(again.inserted == 0)
            #expect(again.dead == 1)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a cancelled job that has a successor stays when it is retried`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            try await queue.put([JobDraft(kind: "test", uniqueKey: "k")])
            #expect(try await queue.change(JobFilter(ids: [1]), .cancel, at: .epoch) == [1])
            #expect(try await queue.put([JobDraft(kind: "test", uniqueKey: "k")]).inserted == 1)
            #expect(try await queue.change(JobFilter(ids: [1]), .retry(attempts: 3), at: .epoch) == [])
            #expect(try await queue.job(1)?.job.state == .cancelled)
        }
    }

    // MARK: - Attempts

    @Test(arguments: QueueDatabase.allCases)
    func `a job that keeps failing becomes a dead letter with all its attempts`(_ database: QueueDatabase) async throws
    {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test")], JobPlacement(maxAttempts: 3))
            var now = Date.epoch
            for attempt in 1...3 {
                let jobs = try await queue.take(run: run, at: now)
                #expect(jobs.map(\.attempt) == [attempt])
                let failure = JobFailure(.workerDied, message: "signal \(attempt)", detail: "last words \(attempt)")
                try await queue.end(jobs, .failed(failure), run: run, at: now)
                now = now.plus(3600)
            }
            #expect(try await queue.take(run: run, at: now.plus(1_000_000)).isEmpty)
            let history = try #require(try await queue.job(1))
            #expect(history.job.state == .discarded)
            #expect(history.job.reason == "worker_died")
            #expect(history.attempts.map(\.failure.message) == ["signal 1", "signal 2", "signal 3"])
            #expect(history.attempts.map(\.failure.detail) == ["last words 1", "last words 2", "last words 3"])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a failure that no attempt can mend is a dead letter at once`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test")])
            let jobs = try await queue.take(run: run)
            try await queue.end(jobs, .failed(.init(.poison, message: "kills workers")), run: run)
            #expect(try await queue.job(1)?.job.state == .discarded)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `what cannot be done is done with its reason`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test")])
            try await queue.end(try await queue.take(run: run), .completed(reason: "not_found"), run: run)
            let job = try #require(try await queue.job(1)?.job)
            #expect(job.state == .completed)
            #expect(job.reason == "not_found")
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a snooze and a shutdown cost no attempt`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test")], JobPlacement(maxAttempts: 1))
            for round in 0..<5 {
                let now = Date.epoch.plus(Double(round) * 100)
                try await queue.end(
                    try await queue.take(run: run, at: now),
                    round.isMultiple(of: 2) ? .givenBack : .snoozed(.seconds(9)),
                    run: run, at: now)
            }
            let jobs = try await queue.take(run: run, at: .epoch.plus(1000))
            #expect(jobs.map(\.attempt) == [1])
            #expect(jobs.map(\.claim) == [6])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a person's retry gives a dead letter its attempts again`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put([JobDraft(kind: "test", uniqueKey: "k")], JobPlacement(maxAttempts: 1))
            try await queue.end(try await queue.take(run: run), .failed(.init(.timeout, message: "slow")), run: run)
            #expect(try await queue.change(JobFilter(states: [.discarded]), .retry(attempts: 2), at: .epoch) == [1])
            for round in 1...2 {
                let now = Date.epoch.plus(Double(round) * 10_000)
                let jobs = try await queue.take(run: run, at: now)
                #expect(jobs.count == 1)
                try await queue.end(jobs, .failed(.init(.timeout, message: "slow")), run: run, at: now)
            }
            let history = try #require(try await queue.job(1))
            #expect(history.job.state == .discarded)
            #expect(history.attempts.count == 3)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `dead letters are never pruned`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put(uniqueDrafts(4))
            let jobs = try await queue.take(run: run)
            try await queue.end([jobs[0]], .completed(), run: run)
            try await queue.end([jobs[1]], .cancelled(reason: "not wanted"), run: run)
            try await queue.end([jobs[2]], .failed(.init(.poison, message: "kills")), run: run)
            let later = Date.epoch.plus(86_400 * 365 * 10)
            #expect(
                try await queue.pruneJobs(
                    completedFor: .seconds(1), cancelledFor: .seconds(1), limit: 10, at: later) == 2)
            #expect(try await queue.jobCounts(JobFilter()) == [.discarded: 1, .executing: 1])
        }
    }

    // MARK: - Owners

    @Test(arguments: QueueDatabase.allCases)
    func `a dead owner's jobs are free at once and cost no attempt`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let dead = try await queue.run(owner: .dead)
            try await queue.put(uniqueDrafts(2))
            _ = try await queue.take(run: dead)
            // The next process begins.
            let run = try await queue.run(owner: .current)
            let jobs = try await queue.take(run: run)
            #expect(jobs.map(\.attempt) == [1, 1])
            #expect(jobs.map(\.rescues) == [1, 1])
            #expect(try await queue.job(1)?.attempts.map(\.failure.kind) == [.ownerDied])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a live owner keeps its jobs however long it takes`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let slow = try await queue.run(owner: .current)
            // On this machine the process is asked, and no lease counts.
            #expect(try await queue.renewLease(of: slow, for: .milliseconds(1), at: .epoch.plus(-1_000_000_000)))
            try await queue.put(uniqueDrafts(2))
            #expect(try await queue.take(run: slow).count == 2)
            let other = try await queue.run(owner: .current)
            try await queue.rescue()
            #expect(try await queue.take(run: other, at: .epoch.plus(1_000_000)).isEmpty)
        }
    }

    @Test func `a stopped owner is not doubled and a killed one is rescued`() async throws {
        try await QueueDatabase.sqlite.with { queue in
            let child = Process()
            child.executableURL = URL(filePath: "/bin/sleep")
            child.arguments = ["1000"]
            try child.run()
            let pid = child.processIdentifier
            let owner = Owner(boot: Owner.current.boot, pid: pid, start: try #require(ProcessStat(pid: pid)?.start))
            let run = try await queue.run(owner: owner)
            try await queue.put(uniqueDrafts(1))
            _ = try await queue.take(run: run)
            kill(pid, SIGSTOP)
            let other = try await queue.run(owner: .current)
            try await queue.rescue()
            #expect(try await queue.take(run: other).isEmpty)
            kill(pid, SIGKILL)
            child.waitUntilExit()
            try await queue.rescue()
            #expect(try await queue.take(run: other).count == 1)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `an owner that cannot be seen lives as long as its lease`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let far = try await queue.run(owner: .elsewhere)
            #expect(try await queue.renewLease(of: far, for: .seconds(86_400), at: Date()))
            try await queue.put(uniqueDrafts(1))
            #expect(try await queue.take(run: far).count == 1)
            let here = try await queue.run(owner: .current)
            try await queue.rescue()
            #expect(try await queue.take(run: here).isEmpty)
            #expect(try await queue.renewLease(of: far, for: .zero, at: Date(timeIntervalSince1970: 0)))
            try await queue.rescue()
            #expect(try await queue.take(run: here).count == 1)
            // It comes back, and learns that it is nobody any more.
            #expect(try await !queue.renewLease(of: far, for: .seconds(30), at: Date()))
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a zombie cannot end a job that is not its any more`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let zombie = try await queue.run(owner: .dead)
            try await queue.put(uniqueDrafts(2))
            let stale = try await queue.take(run: zombie)
            let run = try await queue.run(owner: .current)
            let jobs = try await queue.take(run: run)
            #expect(try await queue.end(stale, .completed(), run: zombie) == [1, 2])
            #expect(try await queue.end([jobs[0]], .completed(), run: run) == [])
            // Nor does it undo what has ended.
            #expect(try await queue.end([stale[0]], .failed(.init(.error, message: "late")), run: zombie) == [1])
            #expect(try await queue.jobCounts(JobFilter()) == [.completed: 1, .executing: 1])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `the same run cannot end an earlier claim of a job`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put(uniqueDrafts(1))
            let first = try await queue.take(run: run)
            try await queue.end(first, .givenBack, run: run)
            _ = try await queue.take(run: run)
            #expect(try await queue.end(first, .completed(), run: run) == [1])
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a job that outlives too many owners is a dead letter`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            try await queue.put(uniqueDrafts(1))
            let limit = RetryPolicy().maxRescues
            for _ in 0..<limit {
                let dead = try await queue.run(owner: .dead)
                // The pauses between are over.
                #expect(try await queue.take(run: dead, at: Date().plus(1000)).count == 1)
            }
            try await queue.rescue()
            let history = try #require(try await queue.job(1))
            #expect(history.job.state == .discarded)
            #expect(history.job.reason == "owner_died")
            #expect(history.attempts.count == limit)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `what is cancelled while it executes stays cancelled`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            try await queue.put(uniqueDrafts(1))
            let jobs = try await queue.take(run: run)
            #expect(try await queue.change(JobFilter(ids: [1]), .cancel, at: .epoch) == [1])
            #expect(try await queue.end(jobs, .completed(), run: run) == [1])
            #expect(try await queue.job(1)?.job.state == .cancelled)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `claims that race share the jobs and lose none`(_ database: QueueDatabase) async throws {
        try await database.open(4) { queues in
            try await queues[0].put(uniqueDrafts(2000))
            let taken = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for queue in queues {
                    group.addTask {
                        let run = try await queue.run(owner: .current)
                        var mine: [Int64] = []
                        while case let jobs = try await queue.take(37, run: run), !jobs.isEmpty {
                            mine += jobs.map(\.id)
                            try await queue.end(jobs, .completed(), run: run)
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: [], +=)
            }
            #expect(taken.count == 2000)
            #expect(Set(taken).count == 2000)
            #expect(try await queues[0].jobCounts(JobFilter()) == [.completed: 2000])
        }
    }

    // MARK: - Runs of jobs

    @Test(arguments: QueueDatabase.allCases)
    func `the totals of a run follow its jobs through everything`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            let run = try await queue.run(owner: .current)
            let jobRun = try await queue.beginJobRun(command: "enqueue --all", at: .epoch)
            try await queue.put(uniqueDrafts(6), run: jobRun)
            let jobs = try await queue.take(run: run)
            try await queue.end(Array(jobs[0...1]), .completed(), run: run, at: .epoch.plus(10))
            try await queue.end([jobs[2]], .failed(.init(.poison, message: "kills")), run: run, at: .epoch.plus(10))
            try await queue.end([jobs[3]], .failed(.init(.error, message: "no")), run: run, at: .epoch.plus(10))
            _ = try await queue.change(JobFilter(ids: [jobs[4].id]), .cancel, at: .epoch.plus(10))
            func totals() async throws -> [Int] {
                let state = try #require(try await queue.jobRuns(limit: 1).first)
                return [state.total, state.completed, state.discarded, state.cancelled, state.pending]
            }
            #expect(try await totals() == [6, 2, 1, 1, 2])
            #expect(try await queue.jobRuns(limit: 1)[0].rate == 0.4)
            _ = try await queue.change(JobFilter(states: [.discarded]), .retry(attempts: 1), at: .epoch.plus(11))
            #expect(try await totals() == [6, 2, 0, 1, 3])
            _ = try await queue.pruneJobs(
                completedFor: .zero, cancelledFor: .zero, limit: 100, at: .epoch.plus(1000))
            #expect(try await totals() == [6, 2, 0, 1, 3])
        }
    }

    // MARK: - Cron

    @Test(arguments: QueueDatabase.allCases)
    func `a cron entry runs once per time over any number of processes`(_ database: QueueDatabase) async throws {
        try await database.open(6) { queues in
            _ = try await queues[0].setCron(
                try CronEntry(name: "hourly", schedule: "0 * * * *", kind: "test"), at: .epoch)
            let due = Date.epoch.plus(3600)
            let fired = try await withThrowingTaskGroup(of: Int.self) { group in
                for queue in queues {
                    group.addTask { try await queue.fireCron(at: due, grace: .seconds(60)).count }
                }
                return try await group.reduce(0, +)
            }
            #expect(fired == 1)
            #expect(try await queues[0].jobCounts(JobFilter(kind: "test")) == [.available: 1])
        }
    }

    @Test(arguments: [(MissedRuns.one, 1), (.all, 24), (.skip, 0)])
    func `missed runs are treated as the entry says`(_ missed: MissedRuns, _ expected: Int) async throws {
        try await QueueDatabase.sqlite.with { queue in
            _ = try await queue.setCron(
                try CronEntry(name: "hourly", schedule: "0 * * * *", missed: missed, kind: "test"), at: .epoch)
            // Nobody was there for a day; it is five minutes past the last time.
            let late = Date(milliseconds: 1_800_000_000_000 / 3_600_000 * 3_600_000).plus(86_400 + 300)
            #expect(try await queue.fireCron(at: late, grace: .seconds(60)).count == expected)
            #expect(try await queue.fireCron(at: late.plus(1), grace: .seconds(60)).isEmpty)
            #expect(try await queue.fireCron(at: late.plus(3600), grace: .seconds(600)).count == 1)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `more missed runs than fit in one transaction are all run`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            _ = try await queue.setCron(
                try CronEntry(name: "often", schedule: "* * * * *", missed: .all, kind: "test"), at: .epoch)
            let late = Date.epoch.plus(2500 * 60)
            var fired = 0
            while case let firings = try await queue.fireCron(at: late, grace: .seconds(60)), !firings.isEmpty {
                fired += firings.count
            }
            #expect(fired == 2500)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `a clock that goes back runs nothing twice`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            _ = try await queue.setCron(
                try CronEntry(name: "hourly", schedule: "0 * * * *", kind: "test"), at: .epoch)
            #expect(try await queue.fireCron(at: .epoch.plus(3600), grace: .seconds(60)).count == 1)
            #expect(try await queue.fireCron(at: .epoch.plus(1800), grace: .seconds(60)).isEmpty)
            #expect(try await queue.fireCron(at: .epoch.plus(3601), grace: .seconds(60)).isEmpty)
        }
    }

    @Test(arguments: QueueDatabase.allCases)
    func `what falls into a pause is not missed`(_ database: QueueDatabase) async throws {
        try await database.with { queue in
            _ = try await queue.setCron(
                try CronEntry(name: "hourly", schedule: "0 * * * *", missed: .all, kind: "test"), at: .epoch)
            #expect(try await queue.setPaused(true, cron: "hourly", at: .epoch))
            #expect(try await queue.fireCron(at: .epoch.plus(86_400), grace: .seconds(60)).isEmpty)
            #expect(try await queue.setPaused(false, cron: "hourly", at: .epoch.plus(86_400)))
            #expect(try await queue.fireCron(at: .epoch.plus(86_401), grace: .seconds(60)).isEmpty)
            #expect(try await queue.fireCron(at: .epoch.plus(90_000), grace: .seconds(60)).count == 1)
        }
    }
}
