import Foundation
import Inference

/// Asks supervisors to replace their workers and follows them until they have.
struct WorkersReset {
    let client: ControlClient
    /// One worker after the other, each when its successor is ready.
    let rolling: Bool
    /// Longest time without another new worker that serves.
    let patience: Duration

    /// True when every worker of each of the supervisors is a new one that serves.
    func run(_ supervisors: [SupervisorStatus]) async throws -> Bool {
        let request = ControlRequest(command: .reset, rolling: rolling)
        let accepted = supervisors.filter {
            client.ask(request, of: $0.pid, for: ControlReply.Acceptance.self)?.accepted == true
        }
        for supervisor in supervisors where !accepted.contains(where: { $0.pid == supervisor.pid }) {
            Terminal.say("volfefe: the supervisor \(supervisor.pid) did not take the request")
        }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            for supervisor in accepted { group.addTask { try await follow(supervisor) } }
            return try await group.reduce(accepted.count == supervisors.count) { $0 && $1 }
        }
    }

    private func follow(_ before: SupervisorStatus) async throws -> Bool {
        let newest = before.pool.workers.compactMap(\.generation).max() ?? 0
        var renewed = -1
        var deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            guard let pool = client.ask(.init(command: .status), of: before.pid, for: SupervisorStatus.self)?.pool
            else {
                Terminal.say("volfefe: the supervisor \(before.pid) ended meanwhile, or does not answer any more")
                return false
            }
            let progress = ResetProgress(pool, newerThan: newest)
            if progress.renewed != renewed {
                renewed = progress.renewed
                deadline = .now + patience
                Terminal.say("supervisor \(before.pid): \(progress.clause)")
            }
            if progress.isComplete { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        Terminal.say(
            "volfefe: no new worker of the supervisor \(before.pid) became ready within \(Int(patience / .seconds(1))) s; "
                + "`volfefe status` says why")
        return false
    }
}

/// How far the replacement of a pool's workers has come, slot by slot.
struct ResetProgress {
    /// Slots in which nobody but a new worker is, and it serves.
    let renewed: Int
    /// The other slots that are in use.
    let left: Int

    /// `generation` is that of the newest worker before the reset.
    init(_ pool: PoolSnapshot, newerThan generation: Int) {
        let slots = Dictionary(grouping: pool.workers.filter { $0.state != .vacant }, by: \.slot)
        renewed = slots.values.count { workers in
            workers.allSatisfy { ($0.generation ?? 0) > generation && ($0.state == .idle || $0.state == .busy) }
        }
        left = slots.count - renewed
    }

    var isComplete: Bool { renewed > 0 && left == 0 }
    var clause: String {
        isComplete ? "all \(renewed) workers are new" : "\(renewed) of \(renewed + left) workers are new"
    }
}
