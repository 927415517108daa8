import Inference

/// What would be lost, and what saved, without each of the models.
public struct RedundancyReport: Sendable, Hashable, Encodable {
    /// How often a model says a sentiment, and how often no other that could say it does.
    public struct Solitude: Sendable, Hashable, Encodable {
        /// The sentiment.
        public var sentiment: Sentiment
        /// Contents of which the model says it while another that can say it has judged them.
        public var said = 0
        /// Those of which no other says it.
        public var alone = 0
        /// `alone` ÷ `said`.
        public var share: Estimate { .share(alone, of: said) }

        enum CodingKeys: String, CodingKey { case sentiment, said, alone, share }

        /// Writes the share too.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(sentiment, forKey: .sentiment)
            try container.encode(said, forKey: .said)
            try container.encode(alone, forKey: .alone)
            try container.encode(share, forKey: .share)
        }
    }

    /// The inference time of a model's verdicts; reused ones took none.
    public struct Effort: Sendable, Hashable, Encodable {
        /// Milliseconds of all of them, first calls included.
        public var totalMs: Double
        /// Of the time of all the models.
        public var totalShare: Double?
        /// Mean milliseconds per text without first calls; nil without any.
        public var msPerText: Double?
        /// Of the sum of the models' milliseconds per text; nil where one has none.
        public var shareOfText: Double?

        enum CodingKeys: String, CodingKey {
            case totalMs = "total_ms"
            case totalShare = "total_share"
            case msPerText = "ms_per_text"
            case shareOfText = "share_per_text"
        }

        /// Writes what is not defined as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(totalMs, forKey: .totalMs)
            try container.encode(totalShare, forKey: .totalShare)
            try container.encode(msPerText, forKey: .msPerText)
            try container.encode(shareOfText, forKey: .shareOfText)
        }
    }

    /// One of the models, left out.
    public struct Model: Sendable, Hashable, Encodable {
        /// `id@version`.
        public var model: String
        /// Contents that it and at least one other have judged.
        public var contents = 0
        /// Share of them whose consensus is another one, or none, without it.
        public var changed: Estimate { .share(flipped + lost + gained, of: contents) }
        /// Contents whose consensus is another sentiment without it.
        public var flipped = 0
        /// Contents that have no consensus without it.
        public var lost = 0
        /// Contents that have a consensus only without it.
        public var gained = 0
        /// Share of the contents on which it says what the consensus of the others is, on what both can say.
        public var agreement = Estimate.undefined("no contents")
        /// Cohen's κ with the consensus of the others, on what both can say.
        public var kappa = Estimate.undefined("no contents")
        /// Contents on which one of the two says what the other cannot say.
        public var inexpressible = 0
        /// By sentiment that it can say.
        public var alone: [Solitude] = []
        /// What it costs.
        public var effort: Effort?

        enum CodingKeys: String, CodingKey {
            case model, contents, changed, flipped, lost, gained, agreement, kappa, inexpressible, alone, effort
        }

        /// Writes the share too.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(model, forKey: .model)
            try container.encode(contents, forKey: .contents)
            try container.encode(changed, forKey: .changed)
            try container.encode(flipped, forKey: .flipped)
            try container.encode(lost, forKey: .lost)
            try container.encode(gained, forKey: .gained)
            try container.encode(agreement, forKey: .agreement)
            try container.encode(kappa, forKey: .kappa)
            try container.encode(inexpressible, forKey: .inexpressible)
            try container.encode(alone, forKey: .alone)
            try container.encode(effort, forKey: .effort)
        }
    }

    /// The consensus that they are missed in.
    public var method: ConsensusMethod
    /// For which sentiments a model counts; nil where the method does not ask.
    public var labels: ConsensusVersion.Labels?
    /// The models, the least missed first: by the share that changes, then by the time that would be saved.
    public var models: [Model]
}

extension RedundancyReport.Effort {
    /// The efforts of several models, in their order.
    static func of(_ latencies: [LatencyReport]) -> [Self] {
        func total(_ times: LatencyReport.Times?) -> Double { times.map { $0.meanMs * Double($0.count) } ?? 0 }
        let totals = latencies.map { total($0.steady) + total($0.firstCalls) }
        let means = latencies.map { $0.steady?.meanMs }
        let all = totals.reduce(0, +)
        let perText = means.contains(nil) ? 0 : means.reduce(0) { $0 + ($1 ?? 0) }
        return zip(totals, means).map { total, mean in
            Self(
                totalMs: total, totalShare: all > 0 ? total / all : nil, msPerText: mean,
                shareOfText: perText > 0 ? mean.map { $0 / perText } : nil)
        }
    }
}
