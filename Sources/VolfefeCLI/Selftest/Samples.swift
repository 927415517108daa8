import Foundation
import Inference

/// Memory, open files and zombies of a supervisor over time.
struct Samples: Sendable {
    private var memory: [UInt64] = []
    private var files: [Int] = []
    private var zombies: [Int] = []

    /// Looks at a program until it ends, every 50 ms.
    static func taken(of running: Running) async throws -> Samples {
        var samples = Samples()
        while running.isAlive {
            samples.take(of: running)
            try await Task.sleep(for: .milliseconds(50))
        }
        return samples
    }

    /// Looks at a program once.
    mutating func take(of running: Running) {
        let open = Proc.descriptors(running.pid).count
        let resident = Proc.memory(running.pid, "VmRSS")
        guard open > 0, resident > 0 else { return }
        files.append(open)
        memory.append(resident)
        zombies.append(running.workers.count { ProcessStat(pid: $0)?.hasEnded ?? false })
    }

    var peakMemory: UInt64 { memory.max() ?? 0 }
    var fileRange: ClosedRange<Int> { (files.min() ?? 0)...(files.max() ?? 0) }

    /// Compares the middle of the second and the last quarter: a leak shows however much it varies in between.
    ///
    /// `growth` is how much memory may become of one, `files` how many open files more or less are no leak.
    func judge(_ seen: inout Seen, growth: Double, files allowedFiles: Int = 2) {
        guard files.count >= 12 else {
            return seen.require(false, "it ended too soon to be measured (\(files.count) samples)")
        }
        let (early, late) = (median(of: memory, quarter: 1), median(of: memory, quarter: 3))
        // A few pages more or less are the allocator's.
        let allowed = Double(early) * growth + Double(2 << 20)
        seen.require(Double(late) <= allowed, "memory grew from \(early.megabytes) to \(late.megabytes)")
        let (before, after) = (median(of: files, quarter: 1), median(of: files, quarter: 3))
        seen.require(abs(after - before) <= allowedFiles, "open files went from \(before) to \(after)")
        // A child that has just died is one for a moment; those that nobody reaps add up.
        let left = median(of: zombies, quarter: 3)
        seen.require(left == 0, "\(left) zombies")
    }

    /// What a quarter was like, from 0 to 3.
    private func median<Number: Comparable>(of numbers: [Number], quarter: Int) -> Number {
        let part = numbers[numbers.count * quarter / 4..<numbers.count * (quarter + 1) / 4].sorted()
        return part[part.count / 2]
    }

    var summary: String {
        guard files.count >= 4 else { return "no samples" }
        return "memory \(median(of: memory, quarter: 1).megabytes) → \(median(of: memory, quarter: 3).megabytes), "
            + "open files \(median(of: files, quarter: 1)) → \(median(of: files, quarter: 3))"
    }
}
