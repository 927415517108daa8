import Inference

/// What the text phases have found in one version of a content's text.
public struct AnnotatedContent: Sendable {
    /// The content.
    public var contentID: Int64
    /// Version of the text that was looked at.
    public var textVersion: Int
    /// What was found, or why nothing was.
    public var annotations: PhaseAnnotations

    /// Creates the findings of a content.
    public init(contentID: Int64, textVersion: Int, annotations: PhaseAnnotations) {
        self.contentID = contentID
        self.textVersion = textVersion
        self.annotations = annotations
    }
}

extension PhaseAnnotations {
    /// Names that a phase has found; nil where it was not asked, or finds no names.
    func mentions(of phase: Phase) -> Result<[MentionFound], PhaseFailure>? {
        switch phase {
        case .entities: entities
        case .ner: ner
        case .language, .sentiment, .resolve, .topics, .stories, .analytics: nil
        }
    }

    /// Takes over what `other` has asked besides.
    mutating func merge(_ other: PhaseAnnotations) {
        language = other.language ?? language
        entities = other.entities ?? entities
        ner = other.ner ?? ner
    }
}
