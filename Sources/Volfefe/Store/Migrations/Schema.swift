import GRDB

/// All versions of the schema, oldest first.
enum Schema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(SchemaVersion1.identifier, migrate: SchemaVersion1.migrate)
        // Foreign keys of these are new: checking the others of a large database again would only take time.
        migrator.registerMigration(
            SchemaVersion2.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion2.migrate)
        migrator.registerMigration(
            SchemaVersion3.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion3.migrate)
        migrator.registerMigration(
            SchemaVersion4.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion4.migrate)
        migrator.registerMigration(
            SchemaVersion5.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion5.migrate)
        migrator.registerMigration(
            SchemaVersion7.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion7.migrate)
        migrator.registerMigration(
            SchemaVersion8.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion8.migrate)
        migrator.registerMigration(
            SchemaVersion9.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion9.migrate)
        migrator.registerMigration(
            SchemaVersion10.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion10.migrate)
        migrator.registerMigration(
            SchemaVersion11.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion11.migrate)
        migrator.registerMigration(
            SchemaVersion12.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion12.migrate)
        migrator.registerMigration(
            SchemaVersion13.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion13.migrate)
        migrator.registerMigration(
            SchemaVersion14.identifier, foreignKeyChecks: .immediate, migrate: SchemaVersion14.migrate)
        return migrator
    }()

    /// Brings a database up to date. Several processes may do so at once: whoever is late finds the work done.
    static func migrate(_ database: some DatabaseWriter) throws {
        while true {
            // On the connection that writes: it alone can empty the log when the store is closed.
            let before = try database.writeWithoutTransaction(migrator.appliedIdentifiers)
            do {
                return try migrator.migrate(database)
            } catch {
                let after = try database.writeWithoutTransaction(migrator.appliedIdentifiers)
                if try database.writeWithoutTransaction(migrator.hasCompletedMigrations) { return }
                guard after != before else { throw error }
            }
        }
    }
}
