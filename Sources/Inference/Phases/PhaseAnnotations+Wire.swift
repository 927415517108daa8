/// The result of `annotate`.
struct AnnotatedTexts: Decodable {
    let items: [Item]

    /// What was found in one text, as the wire has it.
    struct Item: Decodable {
        let language: Finding<LanguageFound>?
        let entities, ner: Finding<Mentions>?

        /// The annotations; what was asked and is not there is a failure.
        func annotations(of phases: [String]) -> PhaseAnnotations {
            let missing = PhaseFailure(code: "bad_reply", message: "the worker's answer lacks this phase")
            var annotations = PhaseAnnotations(missing, phases: phases)
            if let language { annotations.language = language.result }
            if let entities { annotations.entities = entities.result.map(\.mentions) }
            if let ner { annotations.ner = ner.result.map(\.mentions) }
            return annotations
        }
    }

    struct Mentions: Decodable {
        let mentions: [MentionFound]
    }

    /// A finding, or `{"error": …}` in its place.
    struct Finding<Found: Decodable>: Decodable {
        let result: Result<Found, PhaseFailure>

        private enum CodingKeys: CodingKey {
            case error
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            if let failure = try container.decodeIfPresent(PhaseFailure.self, forKey: .error) {
                result = .failure(failure)
            } else {
                result = .success(try Found(from: decoder))
            }
        }
    }
}
