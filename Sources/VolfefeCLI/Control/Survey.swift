import Dispatch
import Foundation
import Inference
import Synchronization

/// All running supervisors of this user at one moment.
struct Survey: Sendable {
    let reports: [SupervisorStatus]
    /// Process ids of those that listen and do not answer.
    let silent: [Int32]

    /// Asks every supervisor that has a socket in `folder`, or only the one with `pid`. Throws, with status 69, when the
    /// folder is unsafe: what answers there may be anybody.
    static func take(in folder: RuntimeFolder, pid: Int32? = nil) throws -> Survey {
        let client = ControlClient(folder: folder)
        let pids: [Int32]
        do {
            pids = try folder.supervisors().filter { pid == nil || $0 == pid }
        } catch {
            throw CommandError(.noWorker, "\(error)")
        }
        let outcomes = Mutex<[Int32: ControlClient.Outcome]>([:])
        DispatchQueue.concurrentPerform(iterations: pids.count) { index in
            let outcome = client.send(ControlRequest(command: .status), to: pids[index])
            outcomes.withLock { $0[pids[index]] = outcome }
        }
        var reports: [SupervisorStatus] = []
        var silent: [Int32] = []
        for (pid, outcome) in outcomes.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            switch outcome {
            case .reply(let reply):
                if let report = try? JSONDecoder().decode(SupervisorStatus.self, from: Data(reply)) {
                    reports.append(report)
                } else {
                    silent.append(pid)
                }
            case .silent: silent.append(pid)
            case .gone: break
            }
        }
        return Survey(reports: reports, silent: silent)
    }

    var isEmpty: Bool { reports.isEmpty && silent.isEmpty }

    /// 0 when all are ready, 1 when one is degraded or draining, 69 when one is unready or silent, or none is running.
    var exitStatus: ExitStatus {
        let states = Set(reports.map(\.pool.state))
        if reports.isEmpty || !silent.isEmpty || states.contains(.unready) { return .noWorker }
        return states == [.ready] ? .done : .someFailed
    }

    /// Says on stderr who does not answer, and that nobody is running.
    func sayWhatIsMissing(pid: Int32?) {
        for pid in silent {
            Terminal.say("volfefe: the supervisor \(pid) does not answer; if that stays so, end it: kill \(pid)")
        }
        guard isEmpty else { return }
        Terminal.say(
            pid.map {
                "volfefe: no supervisor with the process id \($0) is running; `volfefe status` lists those that are"
            }
                ?? "volfefe: no supervisor is running; commands that run models start one, for example: "
                + "volfefe classify --all")
    }

    /// What a person reads.
    func rendered() -> String { reports.map(\.rendered).joined(separator: "\n\n") }
}
