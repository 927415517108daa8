import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

@Suite struct JobChangeTests {
    private func job(attempt: Int, of maxAttempts: Int = 3, rescues: Int = 0) -> Job {
        Job(
            Row([
                "id": 1, "queue": "default", "kind": "test", "state": "executing", "priority": 0, "attempt": attempt,
                "max_attempts": maxAttempts, "rescues": rescues, "claim": attempt, "run_id": 1, "inserted_at": 0,
                "scheduled_at": 0, "attempted_at": 0,
            ]))
    }

    @Test func `pauses double up to the longest and timeouts wait four times as long`() {
        let policy = RetryPolicy(initial: .seconds(10), maximum: .seconds(100))
        let pauses = (1...6).map { policy.pause(after: $0, .workerDied, jitter: 0) }
        #expect(pauses == [10, 20, 40, 80, 100, 100].map(Duration.seconds))
        #expect(policy.pause(after: 1, .timeout, jitter: 0) == .seconds(40))
        #expect(policy.pause(after: 1, .workerDied, jitter: 1) == .seconds(7.5))
        #expect(policy.pause(after: 1_000_000, .workerDied, jitter: 0) == .seconds(100))
    }

    @Test func `every outcome ends in one state`() {
        let now = Date.epoch
        func change(_ outcome: JobOutcome, attempt: Int = 1, rescues: Int = 0) -> JobChange {
            JobChange(job(attempt: attempt, rescues: rescues), outcome, at: now, policy: RetryPolicy(), jitter: 0)
        }
        #expect(change(.completed()).state == .completed)
        #expect(change(.completed(reason: "no_text")).finishedAt == now)
        #expect(change(.failed(.init(.timeout, message: ""))).state == .retryable)
        #expect(change(.failed(.init(.timeout, message: "")), attempt: 3).state == .discarded)
        #expect(change(.failed(.init(.badText, message: ""))).state == .discarded)
        #expect(change(.snoozed(.seconds(5))).scheduledAt == now.plus(5))
        #expect(change(.snoozed(.seconds(5))).attempt == 0)
        #expect(change(.givenBack).state == .available)
        #expect(change(.cancelled(reason: "x")).state == .cancelled)
        #expect(change(.rescued).rescues == 1)
        #expect(change(.rescued).state == .available)
        #expect(change(.rescued, rescues: 1).scheduledAt == now.plus(1))
        #expect(change(.rescued, rescues: 1).attempt == 0)
        #expect(change(.rescued, rescues: 18).scheduledAt == now.plus(60))
        #expect(change(.rescued, rescues: 19).state == .discarded)
    }

    @Test func `a cell worth another attempt decides for the job`() {
        let failure = JobFailure(cells: [
            "a": .init(code: "poison", message: "kills"), "b": .init(code: "model_error", message: "raised"),
        ])
        #expect(failure?.kind == .modelError)
        #expect(failure?.message == "a: poison: kills; b: model_error: raised")
        #expect(JobFailure(cells: ["a": .init(code: "poison", message: "kills")])?.kind == .poison)
        #expect(JobFailure(cells: ["a": .init(code: "something new", message: "?")])?.kind == .error)
        #expect(JobFailure(cells: [:]) == nil)
    }
}
