extension NextStep: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Writes its name, its figures, each under its own name, and the command.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        func put(_ figures: KeyValuePairs<String, any Encodable>) throws {
            for (name, value) in figures { try container.encode(value, forKey: Key(name)) }
        }
        try put(["step": name, "command": command])
        switch self {
        case .classify(let contents): try put(["contents": contents])
        case .complete(let model, let missing, let all): try put(["model": model, "missing": missing, "of": all])
        case .retry(let failed, let models): try put(["failed": failed, "models": models])
        case .refresh(let stale): try put(["stale": stale])
        case .addModels(let only): try put(["only": only])
        case .collectMore(let contents, let low, let high):
            try put(["contents": contents, "low": low, "high": high])
        case .readSharedLabels(let models, let inexpressible, let differing):
            try put(["models": models, "inexpressible": inexpressible, "differing": differing])
        case .label(let contents, let contradicting): try put(["contents": contents, "contradicting": contradicting])
        case .compareTwins(let slow, let fast, let agreement, let kappa, let share):
            try put(["slow": slow, "fast": fast, "agreement": agreement, "kappa": kappa, "time_share": share])
        case .dropModel(let model, let changed, let all, let share):
            try put(["model": model, "changed": changed, "of": all, "time_share": share])
        case .lookAtOutsider(let model, let alone, let all, let next):
            try put(["model": model, "alone": alone, "of": all, "next": next])
        case .calibrate(let model, let perfect, let all): try put(["model": model, "perfect": perfect, "of": all])
        case .speedUp(let model, let share, let p50, let p95):
            try put(["model": model, "time_share": share, "p50_ms": p50, "p95_ms": p95])
        case .lookAtSource(let source, let agreement, let elsewhere):
            try put(["source": source, "agreement": agreement, "elsewhere": elsewhere])
        case .separateLinks(let links, let all): try put(["links": links, "of": all])
        case .findTexts(let missing, let all): try put(["without_text": missing, "of": all])
        case .dropDuplicates(let duplicates, let all): try put(["duplicates": duplicates, "of": all])
        case .readWhole(let model, let truncated, let all):
            try put(["model": model, "truncated": truncated, "of": all])
        case .addDates(let undated, let all): try put(["undated": undated, "of": all])
        }
    }
}
