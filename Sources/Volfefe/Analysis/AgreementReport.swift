import Inference

/// How far models agree: all of them, and two by two.
public struct AgreementReport: Sendable, Hashable, Encodable {
    /// Which verdicts are compared.
    public enum Labels: String, Sendable, Hashable, Encodable {
        /// Contents on which no model said what another of them cannot say.
        case shared
        /// All contents.
        case all
    }

    /// Which texts.
    public enum Texts: String, Sendable, Hashable, Encodable {
        /// Those with words.
        case words
        /// Those that are nothing but links.
        case links
    }

    /// Agreement on some of the contents.
    public struct Section: Sendable, Hashable, Encodable {
        /// Which texts.
        public var texts: Texts
        /// Which verdicts.
        public var labels: Labels
        /// Contents that at least two models have judged.
        public var contents: Int
        /// Those of them that all models have judged.
        public var judgedByAll: Int
        /// Those of these on which all say the same.
        public var unanimous: Int
        /// Contents left out because a model said what another cannot say.
        public var inexpressible: Int
        /// Share of the contents judged by all on which all say the same.
        public var allAgree: Estimate
        /// Fleiss' κ of the contents judged by all.
        public var fleissKappa: Estimate
        /// Krippendorff's α of the contents judged by two or more.
        public var krippendorffAlpha: Estimate
        /// Models two by two.
        public var pairs: [Pair]

        enum CodingKeys: String, CodingKey {
            case texts, labels, contents, unanimous, inexpressible, pairs
            case judgedByAll = "judged_by_all"
            case allAgree = "all_agree"
            case fleissKappa = "fleiss_kappa"
            case krippendorffAlpha = "krippendorff_alpha"
        }
    }

    /// Agreement of two models.
    public struct Pair: Sendable, Hashable, Encodable {
        /// `id@version` of the first.
        public var first: String
        /// `id@version` of the second.
        public var second: String
        /// Contents that both have judged and that count here.
        public var contents: Int
        /// Contents left out because one said what the other cannot say.
        public var inexpressible: Int
        /// Share on which both say the same.
        public var agreement: Estimate
        /// Cohen's κ.
        public var kappa: Estimate
    }

    /// The models.
    public var models: [AnalysedModel]
    /// Texts with words on shared and on all labels, then those of links only where there are any.
    public var sections: [Section]

    /// The section of some texts and labels; nil for links where there are none.
    public func section(_ texts: Texts, _ labels: Labels) -> Section? {
        sections.first { $0.texts == texts && $0.labels == labels }
    }

    /// Computes everything from the counts.
    public init(_ patterns: VerdictPatterns) {
        models = patterns.models
        let hasLinks = patterns.patterns.contains { $0.isLinksOnly && $0.sentiments.count { $0 != nil } > 1 }
        sections = [Texts.words, .links].filter { $0 == .words || hasLinks }.flatMap { texts in
            [Labels.shared, .all].map { Section(patterns, texts: texts, labels: $0) }
        }
    }
}

extension AgreementReport.Section {
    fileprivate init(_ all: VerdictPatterns, texts: AgreementReport.Texts, labels: AgreementReport.Labels) {
        let patterns = all.patterns.filter { $0.isLinksOnly == (texts == .links) }
        let judged = patterns.filter { pattern in pattern.sentiments.count { $0 != nil } > 1 }
        let shared = all.models.sharedSentiments
        let counted =
            labels == .all ? judged : judged.filter { $0.sentiments.allSatisfy { $0.map(shared.contains) ?? true } }
        let complete = counted.filter { !$0.sentiments.contains(nil) }
        let unanimous = complete.filter { Set($0.sentiments).count == 1 }
        let isSeveral = all.models.count > 1
        self.init(
            texts: texts, labels: labels, contents: counted.contents, judgedByAll: isSeveral ? complete.contents : 0,
            unanimous: isSeveral ? unanimous.contents : 0, inexpressible: judged.contents - counted.contents,
            allAgree: isSeveral
                ? .share(unanimous.contents, of: complete.contents) : .undefined("one model has none to agree with"),
            fleissKappa: isSeveral ? complete.groups.fleissKappa : .undefined("one model has none to agree with"),
            krippendorffAlpha: isSeveral
                ? counted.groups.krippendorffAlpha : .undefined("one model has none to agree with"),
            pairs: all.models.indices.flatMap { first in
                all.models.indices.filter { $0 > first }.map { second in
                    .init(patterns, all.models, first, second, labels)
                }
            })
    }
}

extension AgreementReport.Pair {
    fileprivate init(
        _ patterns: [VerdictPatterns.Pattern], _ models: [AnalysedModel], _ first: Int, _ second: Int,
        _ labels: AgreementReport.Labels
    ) {
        let pair = PairCounts(patterns, models, first, second)
        let table = labels == .all ? pair.all : pair.shared
        self.init(
            first: models[first].name, second: models[second].name, contents: table.total,
            inexpressible: pair.all.total - table.total, agreement: table.agreement, kappa: table.cohenKappa)
    }
}

/// What two models said of the same contents.
struct PairCounts {
    /// Every content that both have judged.
    var all: ConfusionTable
    /// Those of them on which neither said what the other cannot say.
    var shared: ConfusionTable

    init(_ patterns: [VerdictPatterns.Pattern], _ models: [AnalysedModel], _ first: Int, _ second: Int) {
        let labels = [models[first], models[second]].sharedSentiments
        all = ConfusionTable()
        shared = ConfusionTable(labels: Sentiment.allCases.filter(labels.contains))
        for pattern in patterns {
            guard let one = pattern.sentiments[first], let other = pattern.sentiments[second] else { continue }
            all.add(one, other, count: pattern.count)
            shared.add(one, other, count: pattern.count)
        }
    }
}

extension [AnalysedModel] {
    /// Sentiments that every one of them can express.
    var sharedSentiments: Set<Sentiment> {
        reduce(Set(Sentiment.allCases)) { $0.intersection($1.sentiments) }
    }
}

extension [VerdictPatterns.Pattern] {
    /// How many contents they stand for.
    fileprivate var contents: Int { reduce(0) { $0 + $1.count } }

    /// The same without saying which model said what.
    fileprivate var groups: [RatingGroup] {
        var counts: [[Int]: Int] = [:]
        for pattern in self {
            let ratings = Sentiment.allCases.map { sentiment in pattern.sentiments.count { $0 == sentiment } }
            counts[ratings, default: 0] += pattern.count
        }
        // In a fixed order, so that sums are the same to the last digit every time.
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { RatingGroup(ratings: $0, count: $1) }
    }
}
