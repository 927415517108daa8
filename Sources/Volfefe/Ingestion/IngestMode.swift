/// How far contents are brought before the next ones are read.
public enum IngestMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// Stored with their language and the names that are nearly sure; the rest can follow.
    case fast
    /// With further names and every enabled model's verdict too.
    case full
}
