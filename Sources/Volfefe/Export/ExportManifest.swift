import Foundation

/// What an exported file is: written beside it as `FILE.manifest.json`.
public struct ExportManifest: Sendable, Codable {
    /// Which rows are in it.
    public struct Filters: Sendable, Codable {
        /// Name of the source; nil: all.
        public var source: String?
        /// Published then or later, and before.
        public var since, until: Date?

        enum CodingKeys: String, CodingKey { case source, since, until }

        /// Writes what does not filter as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(source, forKey: .source)
            try container.encode(since, forKey: .since)
            try container.encode(until, forKey: .until)
        }
    }

    /// A model version in it.
    public struct Model: Sendable, Codable {
        /// Model id and version label.
        public var modelID, modelVersion: String
        /// What it can say.
        public var sentiments: [String]

        enum CodingKeys: String, CodingKey {
            case sentiments
            case modelID = "model_id"
            case modelVersion = "model_version"
        }
    }

    /// Name of the file, without its folder.
    public var file: String
    /// How it is written.
    public var format: ExportFormat
    /// What a row is.
    public var layout: ExportLayout
    /// Rows, without a header.
    public var rows: Int
    /// Size.
    public var bytes: Int
    /// SHA-256 of the bytes, in hexadecimal.
    public var sha256: String
    /// The columns with their types, in their order.
    public var columns: [ExportColumn]
    /// The model versions.
    public var models: [Model]
    /// Which contents.
    public var filters: Filters
    /// Version of the database's schema.
    public var schemaVersion: String
    /// Version of the program.
    public var volfefeVersion: String
    /// When it was made.
    public var createdAt: Date

    /// Describes a file that holds `selection`.
    public init(
        _ selection: ExportSelection, file: String, format: ExportFormat, rows: Int, bytes: Int, sha256: String,
        schemaVersion: String, volfefeVersion: String, createdAt: Date = Date()
    ) {
        self.file = file
        self.format = format
        layout = selection.layout
        self.rows = rows
        self.bytes = bytes
        self.sha256 = sha256
        columns = selection.columns
        models = selection.models.map {
            Model(modelID: $0.modelID, modelVersion: $0.modelVersion, sentiments: $0.sentiments.map(\.rawValue))
        }
        filters = Filters(source: selection.source, since: selection.since, until: selection.until)
        self.schemaVersion = schemaVersion
        self.volfefeVersion = volfefeVersion
        self.createdAt = createdAt
    }

    enum CodingKeys: String, CodingKey {
        case file, format, layout, rows, bytes, sha256, columns, models, filters
        case schemaVersion = "schema_version"
        case volfefeVersion = "volfefe_version"
        case createdAt = "created_at"
    }
}
