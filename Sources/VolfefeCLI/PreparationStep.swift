/// A line that `prepare.py` prints: a model that was prepared or shown, one that failed, or progress.
struct PreparationStep: Decodable, Sendable {
    let type: String
    let model: String?
    let status: String?
    let path: String?
    let revision: String?
    let commit: String?
    let bytes: Int?
    let ms: Double?
    let message: String?
    let remedy: String?
    /// What runs the model here.
    let engine: String?
    let precision: String?
    /// How that was found: measured, cached, only (nothing to compare) or unmeasured.
    let choice: String?
    /// Why, in words.
    let why: String?
    let candidates: [EngineFigures]?
    /// What is being done, how much of it is done, and how much there is.
    let step: String?
    let done: Int?
    let of: Int?

    /// The figures of what runs here, where it was measured.
    var chosen: EngineFigures? { candidates?.first { $0.verdict == "chosen" } }

    /// Engine and precision, as one word for tables; nil where nothing can run the model.
    var runs: String? {
        guard let engine else { return nil }
        return precision.map { "\(engine) \($0)" } ?? engine
    }

    /// What was done, for people.
    var line: String {
        let name = model ?? "–"
        guard type != "failed" else {
            return Style.red("✗ \(name)") + "  \(message ?? "failed")" + (remedy.map { "\n  → \($0)" } ?? "")
        }
        let size = bytes.map { "\((Double($0) / 1e6).digits(1)) MB" }
        let time = ms.map { "\(($0 / 1000).digits(2)) s" }
        let facts = [status, size, time, revision?.shortRevision, commit, path].compactMap { $0 }
        return Style.green("✓ \(name)") + "  " + facts.joined(separator: "  ")
    }
}

/// What was measured of an engine with a precision; figures are nil where nothing was compared.
struct EngineFigures: Codable, Sendable {
    let engine: String
    let precision: String
    /// Bytes on disk.
    let bytes: Int?
    /// Milliseconds per text on one thread.
    let msPerText: Double?
    /// Speed as a multiple of the reference's.
    let timesReference: Double?
    /// Share of texts with the reference's label, 0…1.
    let labelAgreement: Double?
    /// Difference of probabilities from the reference's: the mean over texts and labels, and the largest.
    let meanDelta, maxDelta: Double?
    /// chosen, passes, refused or failed.
    let verdict: String
    /// What it was refused for, or how it failed.
    let reason: String?

    enum CodingKeys: String, CodingKey {
        case engine, precision, bytes, verdict, reason
        case msPerText = "ms_per_text"
        case timesReference = "times_reference"
        case labelAgreement = "label_agreement"
        case meanDelta = "mean_delta"
        case maxDelta = "max_delta"
    }
}

extension [PreparationStep] {
    /// Every candidate of every model with what was measured of it.
    var table: String {
        var table = Table(
            ("model", .left), ("engine", .left), ("precision", .left), ("MB", .right), ("ms/text", .right),
            ("× ref.", .right), ("agreement", .right), ("mean |Δp|", .right), ("verdict", .left))
        for step in self {
            for figures in step.candidates ?? [] {
                table.add(
                    step.model ?? "–", figures.engine, figures.precision,
                    figures.bytes.map { (Double($0) / 1e6).digits(1) } ?? "–", figures.msPerText?.digits(2) ?? "–",
                    figures.timesReference?.digits(2) ?? "–", figures.labelAgreement?.digits(4) ?? "–",
                    figures.meanDelta?.digits(4) ?? "–", figures.sentence)
            }
        }
        return table.rendered()
    }
}

extension EngineFigures {
    /// The verdict with its reason, in its colour.
    fileprivate var sentence: String {
        switch (verdict, reason) {
        case ("chosen", let reason?): Style.yellow("chosen, as asked for, with \(reason)")
        case ("chosen", nil): Style.green(verdict)
        case ("passes", _): verdict
        case (_, let reason): Style.red([verdict, reason].compactMap { $0 }.joined(separator: ": "))
        }
    }
}
