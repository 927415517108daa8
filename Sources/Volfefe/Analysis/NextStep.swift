import Inference

/// Something worth doing next, with the figures that say so.
public enum NextStep: Sendable, Hashable {
    /// Nothing has been judged.
    case classify(contents: Int)
    /// Models lack verdicts on contents with a text: the most that one of them lacks.
    case complete(model: String, missing: Int, of: Int)
    /// Verdicts failed.
    case retry(failed: Int, models: [String])
    /// Texts were edited since they were judged.
    case refresh(stale: Int)
    /// One model has none to agree with.
    case addModels(only: String)
    /// So few contents that the share on which all agree is known only from `low` to `high`.
    case collectMore(contents: Int, low: Double, high: Double)
    /// Models differ because one cannot say what another said.
    case readSharedLabels(models: [String], inexpressible: Int, differing: Int)
    /// People should label these contents, on which confident models contradict each other, first.
    case label(contents: [Int64], contradicting: Int)
    /// A model says nearly always what a faster one says.
    case compareTwins(slow: String, fast: String, agreement: Double, kappa: Double, timeShare: Double)
    /// Hardly any consensus would be another one without a model that takes time.
    case dropModel(model: String, changed: Double, of: Int, timeShare: Double)
    /// A model is alone against all others far more often than the next one.
    case lookAtOutsider(model: String, alone: Int, of: Int, next: Int)
    /// Confidences that are exactly 1 do not say which text is surer.
    case calibrate(model: String, perfect: Int, of: Int)
    /// A model takes most of the time.
    case speedUp(model: String, timeShare: Double, p50Ms: Double, p95Ms: Double)
    /// Models agree less on a source than on the others together.
    case lookAtSource(source: String, agreement: Double, elsewhere: Double)
    /// Many texts are nothing but links.
    case separateLinks(links: Int, of: Int)
    /// Many contents have no text.
    case findTexts(withoutText: Int, of: Int)
    /// Many texts are there more than once.
    case dropDuplicates(duplicates: Int, of: Int)
    /// A model reads only the beginning of many texts.
    case readWhole(model: String, truncated: Int, of: Int)
    /// Many contents have no date.
    case addDates(undated: Int, of: Int)
}

extension NextStep {
    /// Its name in JSON.
    public var name: String {
        switch self {
        case .classify: "classify"
        case .complete: "complete"
        case .retry: "retry"
        case .refresh: "refresh"
        case .addModels: "add_models"
        case .collectMore: "collect_more"
        case .readSharedLabels: "read_shared_labels"
        case .label: "label"
        case .compareTwins: "compare_twins"
        case .dropModel: "drop_model"
        case .lookAtOutsider: "look_at_outsider"
        case .calibrate: "calibrate"
        case .speedUp: "speed_up"
        case .lookAtSource: "look_at_source"
        case .separateLinks: "separate_links"
        case .findTexts: "find_texts"
        case .dropDuplicates: "drop_duplicates"
        case .readWhole: "read_whole"
        case .addDates: "add_dates"
        }
    }

    /// The arguments of the command that looks further or mends it.
    public var command: [String] {
        switch self {
        case .classify, .complete, .retry, .refresh: ["classify", "--all"]
        case .addModels: ["models"]
        case .collectMore: ["ingest", "FILE"]
        case .readSharedLabels: ["agreement"]
        case .label(let contents, _): ["gold", "next", "--top", String(contents.count), "--csv"]
        case .compareTwins(let slow, let fast, _, _, _): ["compare", fast, slow]
        case .dropModel: ["redundancy"]
        case .lookAtOutsider(let model, _, _, _): ["stats", "--model", model]
        case .calibrate(let model, _, _): ["list", "--model", model, "--min-confidence", "1"]
        case .speedUp(let model, _, _, _): ["latency", "--models", model]
        case .lookAtSource(let source, _, _): ["report", "--source", source]
        case .separateLinks:
            ["sql", "SELECT content_id FROM text_facts WHERE url_only"]
        case .findTexts:
            ["sql", "SELECT id, external_id, url FROM contents WHERE text IS NULL"]
        case .dropDuplicates:
            ["sql", "SELECT count(*) AS copies, min(id) AS first FROM contents GROUP BY text_hash HAVING copies > 1"]
        case .readWhole(let model, _, _): ["stats", "--model", model, "--by", "source"]
        case .addDates: ["sql", "SELECT id, external_id FROM contents WHERE published_at IS NULL"]
        }
    }
}
