import Foundation
import Testing

@testable import VolfefeCLI

/// What register loops say about this core.
@Suite struct UnitPeakTests {
    private let peaks = UnitPeak.measureAll(loop: .milliseconds(5))

    @Test func `every core multiplies floats`() {
        let best = peaks.filter { $0.precision == "fp32" }.map(\.gops).max() ?? 0
        #expect(best > 0.5)
    }

    @Test func `no unit is measured twice, and all have been measured`() {
        #expect(Set(peaks.map { "\($0.precision) \($0.unit)" }).count == peaks.count)
        #expect(peaks.allSatisfy { $0.gops.isFinite && $0.gops > 0 })
        #expect(Set(peaks.map(\.precision)).isSubset(of: ["fp32", "bf16", "int8"]))
    }

    #if os(Linux) && arch(x86_64)
        @Test(arguments: [
            ("avx2", "avx2"), ("avx512", "avx512f"), ("avx512_vnni", "avx512_vnni"), ("avx512_bf16", "avx512_bf16"),
            ("avx_vnni", "avx_vnni"),
        ])
        func `a unit is measured where the kernel says that the CPU has it`(unit: String, flag: String) throws {
            let info = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
            let flags = info.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? []
            #expect(peaks.contains { $0.unit == unit } == flags.contains(Substring(flag)))
        }
    #endif
}
