import Foundation
import Testing

@testable import VolfefeCLI

/// `volfefe bench` as a user runs it: the real binary with scripted workers.
@Suite struct BenchTests {
    private func report(_ finished: Finished) throws -> BenchReport {
        try JSONDecoder().decode(BenchReport.self, from: Data(finished.output.utf8))
    }

    @Test func `every model and the whole set are measured, and nothing is stored`() async throws {
        try await Program.withScriptedModels { program in
            let finished = try await program.run("bench", "--json", "--rounds", "2", "--count", "8")
            #expect(finished.status == 0)
            let report = try report(finished)
            #expect(report.models.map(\.id) == ["a", "b"])
            for model in report.models {
                #expect((model.rate?.median ?? 0) > 0)
                #expect(model.aloneMs.map { $0.p50 <= $0.p95 && $0.p95 <= $0.p99 } == true)
                #expect(model.padding == 1)
                #expect(model.failures == 0)
                // Scripted models do not tell their size.
                #expect(model.ofPeak.isEmpty)
            }
            let whole = try #require(report.whole)
            #expect(whole.workers == 2)
            #expect((whole.rate?.median ?? 0) > 0)
            #expect(report.rounds == 2)
            #expect(report.peaks.contains { $0.precision == "fp32" })
            #expect(!program.exists("volfefe.db"))
        }
    }

    @Test func `models that the plain loop cannot run are measured without it, and it is said why`() async throws {
        try await Program.withScriptedModels { program in
            let finished = try await program.run("bench", "--json", "--rounds", "1", "--count", "8")
            let report = try report(finished)
            #expect(finished.status == 0)
            #expect(report.whole?.loopRate == nil)
            #expect(report.notes.contains { $0.contains("no plain loop") })
            let without = try await program.run("bench", "--rounds", "1", "--count", "8", "--no-reference")
            #expect(without.status == 0)
            #expect(without.output.contains("all models, 2 workers"))
        }
    }

    @Test func `texts that a model fails on end with 1, a file that is not there with 66`() async throws {
        try await Program.withScriptedModels { program in
            try program.write("bad.jsonl", "{\"id\": 1, \"text\": \"#raises one\"}\n{\"id\": 2, \"text\": \"fine\"}\n")
            let failing = try await program.run(
                "bench", "--json", "--rounds", "1", "--count", "8", "--texts", "bad.jsonl", "--no-reference")
            #expect(failing.status == 1)
            #expect(try report(failing).failures > 0)
            #expect(try await program.run("bench", "--texts", "nowhere.jsonl").status == 66)
            #expect(try await program.run("bench", "--count", "1").status == 64)
            #expect(try await program.run("bench", "--models", "nobody").status == 64)
        }
    }

    @Test func `the peak needs no worker`() async throws {
        try await Program.withScriptedModels { program in
            let finished = try await program.run("bench", "--peak", "--json")
            #expect(finished.status == 0)
            #expect(try report(finished).models.isEmpty)
            #expect(try report(finished).peaks.allSatisfy { $0.gops > 0 })
        }
    }
}
