/// The steps in which times are counted: sixteenths of an octave from 0.01 ms, so that a quantile is at most 4.5 % too high.
///
/// `time_buckets` has the same in the database. Counts are kept by these numbers, so the steps never change.
enum TimeBuckets {
    /// One step.
    struct Bucket: Sendable {
        /// Its number, from 0.
        let number: Int
        /// Its least time in milliseconds.
        let fromMs: Double
        /// The first time after it; nil in the last one, which takes the rest (from about a day on).
        let toMs: Double?
    }

    /// All of them, ascending.
    static let all: [Bucket] = starts.indices.map { number in
        Bucket(number: number, fromMs: starts[number], toMs: number + 1 < starts.count ? starts[number + 1] : nil)
    }

    /// The number of the step that a time in milliseconds, not negative, falls into.
    static func number(of ms: Double) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= ms { low = middle } else { high = middle }
        }
        return low
    }

    /// The end of a step in milliseconds; of the last, its beginning.
    static func end(of number: Int) -> Double {
        let bucket = all[min(max(number, 0), all.count - 1)]
        return bucket.toMs ?? bucket.fromMs
    }

    /// 0, then 0.01 · 2^(i/16). Only multiplications of constants, which every machine rounds alike.
    private static let starts: [Double] = {
        let steps = [
            1, 1.0442737824274138, 1.0905077326652577, 1.1387886347566916, 1.189207115002721, 1.241857812073484,
            1.2968395546510096, 1.3542555469368927, 1.4142135623730951, 1.4768261459394993, 1.5422108254079407,
            1.6104903319492543, 1.681792830507429, 1.7562521603732995, 1.8340080864093424, 1.9152065613971474,
        ]
        var starts = [0.0]
        var octave = 0.01
        for _ in 0..<33 {
            starts += steps.map { octave * $0 }
            octave *= 2
        }
        return starts
    }()
}
