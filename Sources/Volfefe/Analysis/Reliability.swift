import Inference

/// How often a model is right, by how sure it says it is.
public struct ReliabilityBin: Sendable, Hashable, Encodable {
    /// Confidences above this …
    public var low: Double
    /// … up to and including this.
    public var high: Double
    /// Contents.
    public var contents: Int
    /// Mean confidence; nil without contents.
    public var meanConfidence: Double?
    /// Share on which the model is right.
    public var accuracy: Estimate

    enum CodingKeys: String, CodingKey {
        case low, high, contents, accuracy
        case meanConfidence = "mean_confidence"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(low, forKey: .low)
        try container.encode(high, forKey: .high)
        try container.encode(contents, forKey: .contents)
        try container.encode(meanConfidence, forKey: .meanConfidence)
        try container.encode(accuracy, forKey: .accuracy)
    }
}

/// Contents by confidence in 15 bins of equal width, and what calibration is computed from.
struct Reliability: Sendable, Hashable {
    /// As many bins as Guo, Pleiss, Sun and Weinberger take, "On Calibration of Modern Neural Networks", ICML 2017.
    static let binCount = 15

    private struct Bin: Hashable {
        var contents = 0
        var hits = 0
        var confidence = 0.0
    }

    private var bins = [Bin](repeating: Bin(), count: binCount)
    private var squaredGaps = 0.0
    private var confidences = Moments()

    /// Counts a content of which the model was so sure, 0…1; a confidence at a limit, but for rounding, lies below it.
    mutating func add(confidence: Double, isRight: Bool) {
        let place = Int(((confidence - 1e-9) * Double(Self.binCount)).rounded(.up)) - 1
        add(confidence: confidence, isRight: isRight, place: min(max(place, 0), Self.binCount - 1))
    }

    private mutating func add(confidence: Double, isRight: Bool, place: Int) {
        bins[place].contents += 1
        bins[place].hits += isRight ? 1 : 0
        bins[place].confidence += confidence
        let gap = (isRight ? 1 : 0) - confidence
        squaredGaps += gap * gap
        confidences.add(confidence)
    }

    /// The bins, from unsure to sure.
    var table: [ReliabilityBin] {
        bins.enumerated().map { index, bin in
            ReliabilityBin(
                low: Double(index) / Double(Self.binCount), high: Double(index + 1) / Double(Self.binCount),
                contents: bin.contents, meanConfidence: bin.contents > 0 ? bin.confidence / Double(bin.contents) : nil,
                accuracy: .share(bin.hits, of: bin.contents))
        }
    }

    /// Mean confidence.
    var meanConfidence: Estimate { confidences.estimate(in: 0...1) }

    /// Expected calibration error: Σ over bins of share of the contents · |accuracy − mean confidence| (Naeini, Cooper and
    /// Hauskrecht, AAAI 2015).
    ///
    /// The interval is ± 1.96 standard errors by the delete-one influence of each content with the signs of the bins held:
    /// variance (mean (hit − confidence)² − ECE²) / n. It is biased upwards where bins hold few contents.
    var expectedCalibrationError: Estimate {
        let n = bins.reduce(0) { $0 + $1.contents }
        guard n > 0 else { return .undefined("no contents") }
        let error = bins.reduce(0) { $0 + abs(Double($1.hits) - $1.confidence) } / Double(n)
        let variance = (squaredGaps / Double(n) - error * error) / Double(n)
        return .normal(error, variance: n > 1 ? variance : nil, in: 0...1)
    }
}
