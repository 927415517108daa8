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

        @Argument(help: "Settings file to check instead of ./volfefe.yaml.")
        var file: String?

        func validate() throws {
            if file != nil, global.config != nil {
                throw ValidationError("Give the file once: as FILE, or with --config.")
            }
        }

        func run() async throws {
            try await reportingErrors {
                var global = global
                if let file { global.config = file }
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
            discussion: """
                  volfefe config show --origin              also where each value comes from
                  volfefe config show phases.topics         one group, or one setting
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Flag(name: .long, help: "Also show where each value comes from.")
        var origin = false

        @Argument(help: "Only this setting, or those of this group.")
        var key: String?

        func run() async throws {
            try await reportingErrors {
                let settings = try Self.matching(key, LoadedSettings(global).configuration.listing)
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

        private static func matching(_ key: String?, _ listing: [ListedSetting]) throws -> [ListedSetting] {
            guard let key else { return listing }
            let found = listing.filter { $0.key == key || $0.key.hasPrefix(key + ".") }
            guard found.isEmpty else { return found }
            let hint =
                nearestSetting(to: key, in: listing).map { "did you mean `\($0)`?" } ?? "volfefe config show lists all."
            throw CommandError(.usage, "no setting is called `\(key)`, and none that is set begins with it; \(hint)")
        }
    }
}
