import Foundation
import Inference

/// The project's folder.
let projectRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

/// A pool of scripted phase workers with short deadlines; `flags` misbehave at boot.
func scriptedPhases(
    _ flags: String..., phases: [String] = ["language", "entities"], processes: Int = 1,
    environment: [String: String] = [:], startTimeout: Duration = .seconds(20),
    requestTimeout: Duration = .seconds(20), maxLineBytes: Int = 1 << 20
) -> PhasePoolConfiguration {
    PhasePoolConfiguration(
        command: ["python3", projectRoot + "/priv/ml/selftest/scripted_phase_worker.py"] + flags,
        environment: environment, phases: phases, processes: processes, startTimeout: startTimeout,
        requestTimeout: requestTimeout, shutdownGrace: .seconds(10), terminationGrace: .milliseconds(300),
        maxLineBytes: maxLineBytes,
        restartPolicy: RestartPolicy(
            initialBackoff: .milliseconds(5), maximumBackoff: .milliseconds(50), limit: 5, window: .seconds(60)))
}

/// The real one.
func realPhases(
    _ phases: [String], settings: [String: [String: PhaseSetting]] = [:], processes: Int = 1
) -> PhasePoolConfiguration {
    PhasePoolConfiguration(
        command: [projectRoot + "/.venv/bin/python", projectRoot + "/priv/ml/phase.py"], phases: phases,
        settings: settings, processes: processes)
}
