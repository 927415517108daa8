import GRDB

/// All versions of the schema, oldest first.
enum Schema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(SchemaVersion1.identifier, migrate: SchemaVersion1.migrate)
        return migrator
    }()
}
