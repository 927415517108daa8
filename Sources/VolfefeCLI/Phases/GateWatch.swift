import Foundation
import Volfefe

/// Looks at the gates, writes down what they say, and has changes told.
struct GateWatch: Sendable {
    let settings: LoadedSettings
    let store: Store
    /// What is run for a change; empty: nothing.
    let command: String

    /// Looks once. What is wrong with the command is said and changes nothing.
    func look(source: String? = nil) async throws -> [GateReport] {
        let configuration = settings.configuration
        let readings = try await store.gateReadings(configuration, models: settings.models, source: source)
        let (reports, changes) = try await store.record(readings, configuration)
        guard !command.isEmpty else { return reports }
        for change in changes { await AlertCommand(command, change).run() }
        return reports
    }
}
