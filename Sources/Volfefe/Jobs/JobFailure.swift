import Inference

/// Why an attempt failed. No field ever holds the text of a content.
public struct JobFailure: Sendable, Hashable, Codable {
    /// What kind of trouble it was, which decides what is done about it.
    public enum Class: String, Sendable, Hashable, Codable, CaseIterable {
        /// The worker died of it, or was killed.
        case workerDied = "worker_died"
        /// No answer in time.
        case timeout
        /// A model raised on the text.
        case modelError = "model_error"
        /// An answer that cannot be used.
        case badReply = "bad_reply"
        /// The text cannot be given to a model: it is too long for the wire, for example.
        case badText = "bad_text"
        /// The text kills workers; the pool has made sure that it is this one.
        case poison
        /// The process that had the job died, again and again.
        case ownerDied = "owner_died"
        /// Somebody has given it up.
        case givenUp = "given_up"
        /// Anything else.
        case error

        /// Whether another attempt may end better.
        public var isWorthRetrying: Bool {
            switch self {
            case .workerDied, .timeout, .modelError, .badReply, .error: true
            case .badText, .poison, .ownerDied, .givenUp: false
            }
        }
    }

    /// What kind of trouble it was.
    public var kind: Class
    /// A sentence.
    public var message: String
    /// The last lines that a worker wrote before it died.
    public var detail: String?

    /// Creates a failure.
    public init(_ kind: Class, message: String, detail: String? = nil) {
        self.kind = kind
        self.message = message
        self.detail = detail
    }

    /// What failed cells make of the job: nil without any. Anything worth another attempt wins, as that tries all of them.
    public init?(cells: [String: ModelFailure]) {
        let ranked = cells.sorted { $0.key < $1.key }
        let classes = ranked.map { Class(rawValue: $0.value.code) ?? .error }
        guard let first = classes.first(where: \.isWorthRetrying) ?? classes.first else { return nil }
        // Models that failed for the same reason share a sentence.
        var reasons: [(text: String, models: [String])] = []
        for (model, failure) in ranked {
            let text = "\(failure.code): \(failure.message)"
            if let place = reasons.firstIndex(where: { $0.text == text }) {
                reasons[place].models.append(model)
            } else {
                reasons.append((text, [model]))
            }
        }
        self.init(
            first, message: reasons.map { "\($0.models.joined(separator: ", ")): \($0.text)" }.joined(separator: "; "),
            detail: ranked.compactMap(\.value.detail).first)
    }

    enum CodingKeys: String, CodingKey {
        case message, detail
        case kind = "class"
    }
}
