import MachinePeak

/// The most that one unit of one core can do at one precision, as register loops measured it just now.
struct UnitPeak: Codable, Sendable, Hashable {
    /// `fp32`, `bf16` or `int8`.
    let precision: String
    /// `portable`, `avx2`, `avx512`, `avx_vnni`, `avx512_vnni`, `avx512_bf16` or `amx`.
    let unit: String
    /// 10⁹ operations per second of CPU time; a multiplication with its addition counts as two.
    let gops: Double

    /// Measures every unit of this core; each takes about three times `loop`.
    static func measureAll(loop: Duration = .milliseconds(80)) -> [UnitPeak] {
        let peaks = [machine_peak](unsafeUninitializedCapacity: 32) { buffer, count in
            count = machine_peak_measure(buffer.baseAddress, buffer.count, loop / .seconds(1))
        }
        return peaks.map {
            UnitPeak(precision: String(cString: $0.precision), unit: String(cString: $0.unit), gops: $0.gops)
        }
    }
}
