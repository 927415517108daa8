import ArgumentParser
import Volfefe

/// `volfefe config`: what is set, and from where.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check and show the settings.", subcommands: [Check.self, Show.self])

    /// `volfefe config check`
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Read all settings and report every problem with its file and line.")

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await reportingErrors {
                let loaded = try LoadedSettings(global)
                let configuration = loaded.configuration
                let active = configuration.activeModels.map(\.id).joined(separator: ", ")
                Terminal.say(
                    "settings are valid; profile \"\(configuration.profile)\" runs: \(active.isEmpty ? "nothing" : active)"
                )
                return .done
            }
        }
    }

    /// `volfefe config show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show every setting in force.",
            discussion: "  volfefe config show --origin      also where each value comes from")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Flag(name: .long, help: "Also show where each value comes from.")
        var origin = false

        func run() async throws {
            try await reportingErrors {
                let settings = try LoadedSettings(global).configuration.listing
                try format.show(settings) { settings in
                    var table = Table(
                        columns: [("key", .left), ("value", .left)] + (origin ? [("origin", .left)] : []))
                    for setting in settings {
                        table.add(cells: [setting.key, setting.value.preview(70)] + (origin ? [setting.origin] : []))
                    }
                    return table.rendered()
                }
                return .done
            }
        }
    }
}
