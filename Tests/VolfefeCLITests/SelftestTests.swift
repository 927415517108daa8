import Foundation
import Testing

@testable import VolfefeCLI

/// The suite that users run, on the same program: a row that fails here fails there.
///
/// Serialised: rows measure memory and time, and each of them keeps both cores busy by itself.
@Suite(.serialized) struct SelftestTests {
    private struct Row: Decodable {
        let fault: String
        let verdict: String
        let seen: String
    }

    @Test(arguments: Fault.all.map(\.id))
    func `volfefe survives the fault`(id: String) async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("selftest", "--faults", "--only", id, "--json")
            let rows = try JSONDecoder().decode([Row].self, from: Data(finished.output.utf8))
            #expect(rows.map(\.fault) == [id])
            let row = try #require(rows.first)
            if row.verdict == "skipped" { print("\(id) skipped: \(row.seen)") }
            #expect(["ok", "skipped"].contains(row.verdict), "\(row.seen)")
            #expect(finished.status == (row.verdict == "FAILED" ? 1 : 0))
        }
    }

    @Test func `every fault of the list has one row`() {
        #expect(Fault.all.map(\.id) == (1...36).map { "R\($0)" })
    }

    @Test func `a short soak breaks no invariant`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("selftest", "--soak", "5s", "--seed", "11")
            #expect(finished.status == 0, "\(finished.output)\(finished.talk)")
            #expect(finished.lines.contains { $0.hasPrefix("violations") && $0.hasSuffix(" 0") })
        }
    }

    @Test func `a fault that is not in the list is a usage error that names the known ones`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("selftest", "--faults", "--only", "R99")
            #expect(finished.status == 64)
            #expect(finished.talk.contains("R1, R2") && finished.talk.contains("R36"))
        }
    }

    @Test func `without a mode nothing is run and both are named`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("selftest")
            #expect(finished.status == 64)
            #expect(finished.talk.contains("--faults") && finished.talk.contains("--soak"))
        }
    }

    @Test func `the list runs nothing`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("selftest", "--list")
            #expect(finished.status == 0)
            #expect(finished.lines.count { $0.hasPrefix("R") } == 36)
        }
    }

    @Test func `the same seed makes the same waves`() {
        var (one, two) = (SeededGenerator(seed: 5), SeededGenerator(seed: 5))
        for first in [1, 100, 300] {
            let (a, b) = (SoakWave(first: first, using: &one), SoakWave(first: first, using: &two))
            #expect(a.directives == b.directives && a.setAside == b.setAside && a.ending == b.ending)
        }
    }
}
