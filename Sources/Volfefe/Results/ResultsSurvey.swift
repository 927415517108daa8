import Foundation

/// What a first reading of a results file tells, in constant memory: which models are in it, and what their verdicts show.
struct ResultsSurvey {
    var observed = ObservedModels()
    /// Models of headers.
    var declared: [DeclaredModel] = []
    /// The environment of the last header, as JSON.
    var environment: String?
    var records = 0
    var sha256 = ""
    var bytes = 0
    /// When the models were asked first and last, in seconds since 1970.
    var timestamps: ClosedRange<Double>?

    /// Reads the whole of `file`. What cannot be read is left to the second reading, which reports it.
    init(
        _ file: ResultsFile, registry: [DeclaredModel], declared given: [DeclaredModel], maxLineBytes: Int,
        stop: StopRequest
    ) throws {
        let reader = try ResultsReader(file, maxLineBytes: maxLineBytes)
        declared = given
        var models = ResultModels(declared: declared, registry: registry)
        while !stop.isRequested, let record = try reader.next() {
            switch record {
            case .problem: break
            case .header(let header, let environment):
                declared += header
                models = ResultModels(declared: declared, registry: registry)
                self.environment = environment ?? self.environment
            case .result(let result):
                records += 1
                if let time = result.timestamp {
                    timestamps = min(timestamps?.lowerBound ?? time, time)...max(timestamps?.upperBound ?? time, time)
                }
                for block in result.blocks {
                    guard let version = try? models.version(of: block) else { continue }
                    observed.add(block, version: version)
                }
            }
        }
        sha256 = reader.sha256
        bytes = reader.bytes
    }
}
