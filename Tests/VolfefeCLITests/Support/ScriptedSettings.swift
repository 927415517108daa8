import Foundation

extension Program {
    /// Where supervisors of this folder have their sockets.
    var runtimeFolder: URL { folder.appending(path: "run") }
    /// The script that they launch: the scripted worker under another path, so that a test may remove it.
    var worker: URL { folder.appending(path: "worker.py") }

    func socket(of pid: Int32) -> String { runtimeFolder.appending(path: "\(pid).sock").path }

    /// Runs `body` in a fresh folder whose settings name two scripted models, two workers and a runtime folder of its own;
    /// `flags` are the scripted worker's.
    static func withScriptedModels(
        _ settings: String = "", flags: String = "", _ body: (Program) async throws -> Void
    ) async throws {
        try await inFreshFolder { program in
            let script = projectRoot.appending(path: "priv/ml/selftest/scripted_worker.py").path
            try program.write(
                "worker.py",
                """
                import runpy, sys
                sys.argv += "\(flags)".split()
                runpy.run_path("\(script)", run_name="__main__")

                """)
            let models = ["a", "b"].map {
                """
                  - {id: \($0), engine: scripted, source: none, version: "1.0", has_neutral: true, profiles: [scripted],
                     labels: {positive: positive, neutral: neutral, negative: negative}}
                """
            }
            try program.write(
                "volfefe.yaml",
                """
                profile: scripted
                workers: 2
                workers_min: 2
                \(settings)
                models:
                \(models.joined(separator: "\n"))

                """)
            var scripted = program
            scripted.environment["VOLFEFE_WORKER"] = program.worker.path
            scripted.environment["VOLFEFE_RUNTIME_DIR"] = program.runtimeFolder.path
            try await body(scripted)
        }
    }
}
