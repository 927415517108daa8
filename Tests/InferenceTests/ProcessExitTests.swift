import Foundation
import Testing

@testable import Inference

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct ProcessExitTests {
    /// Pipes whose writer goes stand for processes that end: both make a descriptor readable, once.
    @Test func `thousands of ends at once are all seen, and leave no descriptor`() async throws {
        try await end(rounds: 1, inParallel: 1)  // what stays open for good is open after this
        let before = try openDescriptors()
        try await end(rounds: 150, inParallel: 32)
        #expect(try openDescriptors() < before + 1000, "a few are those of other tests")
    }

    @Test func `what is no descriptor is not watched`() {
        #expect(!ProcessExit.watch(processDescriptor: -1, Latch()))
    }

    private func end(rounds: Int, inParallel width: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<width {
                group.addTask {
                    for _ in 0..<rounds {
                        var ends: [CInt] = [-1, -1]
                        try #require(pipe(&ends) == 0)
                        let ended = Latch()
                        #expect(ProcessExit.watch(processDescriptor: ends[0], ended))
                        ends.forEach { close($0) }
                        await ended.wait()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
