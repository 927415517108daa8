import Inference

extension Bench {
    /// What a pool of one worker in this process has counted after the texts were classified, one request each.
    func counts(of texts: [String]) async throws -> PoolCounts {
        let global = try GlobalOptions.parse([
            "--config", path("volfefe.yaml"), "--database", database, "--profile", "selftest", "--python", tools.python,
            "--root", tools.installation.root,
        ])
        return try await Supervisor(global).withPool(workers: 1) { pool in
            for text in texts { _ = try await pool.classify([text], models: Self.models) }
            return pool.counts
        }
    }
}
