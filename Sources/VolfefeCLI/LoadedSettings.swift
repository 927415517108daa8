import Foundation
import Volfefe

/// The installation and the settings, found the same way by every command.
struct LoadedSettings: Sendable {
    let installation: Installation
    let configuration: Volfefe.Configuration

    init(_ global: GlobalOptions) throws {
        let environment = ProcessInfo.processInfo.environment
        let current = FileManager.default.currentDirectoryPath
        installation = try Installation.find(
            flag: global.root, environment: environment, executable: Installation.executable, currentDirectory: current)
        configuration = try .load(
            .init(
                flags: global.settings, assignments: global.assignments, environment: environment,
                currentDirectory: current, file: global.config,
                shipped: installation.settingsFile))
    }

    /// What has been found before.
    init(_ supervisor: Supervisor) {
        installation = supervisor.installation
        configuration = supervisor.configuration
    }

    /// The models that run, with the versions that count.
    var models: [(id: String, version: String)] { configuration.activeModels.map { ($0.id, $0.version) } }
}
