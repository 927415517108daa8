import Foundation
import Inference
import Volfefe

extension Supervisor {
    /// Answers `volfefe status` and `volfefe workers reset` for `pool` while `body` runs; `stop` makes it say "draining".
    func serving<Value>(_ pool: WorkerPool, stop: StopRequest?, body: () async throws -> Value) async throws -> Value {
        let begun = (date: Date(), instant: ContinuousClock.now)
        let database = URL(filePath: configuration.database).standardizedFileURL.path
        return try await ControlSocket.serving(
            in: RuntimeFolder(configuration.runtimeDirectory),
            answer: { line in
                guard let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(line)) else {
                    return ControlReply.refusal(
                        #"this is no request; {"command":"status"} and {"command":"reset","rolling":true} are"#)
                }
                switch request.command {
                case .status:
                    return ControlReply.bytes(
                        SupervisorStatus(
                            pid: getpid(), version: VolfefeCommand.configuration.version,
                            command: (["volfefe"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
                            database: database, startedAt: begun.date.timeIntervalSince1970,
                            uptimeMs: (ContinuousClock.now - begun.instant) / .milliseconds(1),
                            pool: pool.snapshot(stopping: stop?.isRequested ?? false)))
                case .reset:
                    pool.reset(rolling: request.rolling ?? false)
                    return ControlReply.bytes(ControlReply.Acceptance(accepted: true))
                }
            }, body: body)
    }
}

extension WorkerPool {
    /// The snapshot, draining when whoever gives it work has been asked to stop.
    fileprivate func snapshot(stopping: Bool) -> PoolSnapshot {
        var snapshot = snapshot
        guard stopping else { return snapshot }
        snapshot.state = .draining
        snapshot.reasons.insert("it was asked to stop and finishes what is running", at: 0)
        return snapshot
    }
}
