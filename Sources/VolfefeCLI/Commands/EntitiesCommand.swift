import ArgumentParser
import Foundation
import Volfefe

/// `volfefe entities`: the companies, organisations, people and places that are mentioned, and which names are theirs.
struct EntitiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entities",
        abstract: "Show entities and their names; decide which names are one entity.",
        discussion: """
            Phases find names in texts; each name belongs to one entity, to none, or waits for
            a person (conflicts). Every decision is logged and can be taken back.

              volfefe entities list --type company --since 2025-10-01
              volfefe entities list --across
              volfefe entities conflicts
              volfefe entities accept 41 --into Nike
              volfefe entities merge Nike "Nike Holdings"
              volfefe entities undo 812
            """,
        subcommands: [
            EntityListCommand.self, EntityShowCommand.self, EntityConflictsCommand.self, EntityMergeCommand.self,
            EntitySplitCommand.self, EntityAcceptCommand.self, EntityRejectCommand.self, EntityUndoCommand.self,
            EntityLogCommand.self,
        ],
        defaultSubcommand: EntityListCommand.self)
}

/// `volfefe entities list`
struct EntityListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List entities, those that most contents mention first.",
        discussion: """
            Mentions in texts that were edited since do not count, and a place that two phases
            have found counts once. --across shows those that are met in several sources.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @Option(name: .long, help: "company, organisation, person, place or asset; repeat for several.")
    var type: [EntityType] = []
    @Option(name: .shortAndLong, help: "Only mentions in contents of this source.") var source: String?
    @Option(name: .long, help: "Only mentions in contents published then or later: 2025-10-31, or with a time.")
    var since: Moment?
    @Option(name: .long, help: "Only mentions in contents published before then.") var until: Moment?
    @Option(name: .long, help: "active (the default), merged, rejected; repeat for several.")
    var state: [EntityState] = []
    @Flag(name: .long, help: "Only entities that are met in two sources or more.") var across = false
    @Option(name: .long, help: "Only entities with this in one of their names.") var search: String?
    @Option(name: .shortAndLong, help: "So many at most.") var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            var filter = EntityFilter()
            filter.types = type
            if !state.isEmpty { filter.states = state }
            filter.scope = ContentScope(source: source, since: since?.date, until: until?.date)
            filter.acrossSources = across
            filter.search = search
            filter.limit = limit
            let entities = try await Store.reading(global).entities(filter)
            try format.show(entities, grid: EntityTables.list(entities, bySource: across)) {
                entities.isEmpty
                    ? "no such entity; volfefe phases run entities looks for some"
                    : EntityTables.list(entities, bySource: across).rendered()
            }
            if entities.count == limit { Terminal.say("the first \(limit); --limit shows more.") }
            return .done
        }
    }
}

/// `volfefe entities show`
struct EntityShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an entity: its names, where it is mentioned, what models say there, what was decided.",
        discussion: """
              volfefe entities show 3
              volfefe entities show "General Motors" --texts 5
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions
    @Argument(help: "Id, name or ticker of an entity.") var entity: String
    @Option(name: .long, help: "Show the texts of so many contents that mention it, newest first.") var texts = 0

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let detail = try await store.entity(EntityReference(entity))
            let contents = try await store.contents(mentioning: detail.entity.id, limit: max(texts, 0))
            try format.show(ShownEntity(detail: detail, texts: texts > 0 ? contents : nil)) { shown in
                EntityTables.text(shown.detail, texts: contents)
            }
            return .done
        }
    }

    /// What `--json` prints: `texts` only where they were asked for.
    private struct ShownEntity: Encodable {
        let detail: EntityDetail
        let texts: [MentioningContent]?

        private enum CodingKeys: String, CodingKey { case texts }

        func encode(to encoder: any Encoder) throws {
            try detail.encode(to: encoder)
            guard let texts else { return }
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(texts, forKey: .texts)
        }
    }
}

/// `volfefe entities conflicts`
struct EntityConflictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: "List the names that a person has to decide on, and what they may be.",
        discussion: """
              volfefe entities accept NAME                it is the only candidate, or an entity of its own
              volfefe entities accept NAME --into ENTITY  it is this one
              volfefe entities accept NAME --new          it is one of its own, whatever it is like
              volfefe entities reject NAME                it names nothing
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @Option(name: .long, help: "company, organisation, person, place or asset; repeat for several.")
    var type: [EntityType] = []
    @Option(name: .shortAndLong, help: "Only names found in contents of this source.") var source: String?
    @Option(name: .long, help: "Only names with this in them.") var search: String?
    @Option(name: .shortAndLong, help: "So many at most.") var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            var filter = ConflictFilter()
            filter.types = type
            filter.source = source
            filter.search = search
            filter.limit = limit
            let (conflicts, total) = try await Store.reading(global).nameConflicts(filter)
            let grid = EntityTables.conflicts(conflicts)
            try format.show(conflicts, grid: grid) { conflicts.isEmpty ? "no name is in review" : grid.rendered() }
            if total > conflicts.count { Terminal.say("\(total.grouped) in all; --limit shows more") }
            if total > 0 {
                Terminal.say("volfefe entities accept NAME [--into ENTITY | --new], or volfefe entities reject NAME")
            }
            return .done
        }
    }
}

/// `volfefe entities log`
struct EntityLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show what was decided about names and entities, by whom, newest first.",
        discussion: """
              volfefe entities log --people               what people decided
              volfefe entities log --entity Nike
              volfefe entities undo DECISION              takes one back
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @Option(name: .long, help: "Only decisions about this entity, and names that came to it or left it.")
    var entity: String?
    @Option(name: .long, help: "Only decisions about the name with this id.") var name: Int64?
    @Option(name: .long, help: "Only decisions of this actor.") var by: String?
    @Flag(name: .long, help: "Only decisions of people.") var people = false
    @Option(name: .shortAndLong, help: "So many lines at most.") var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            var id: Int64?
            if let entity { id = try await store.entity(EntityReference(entity)).entity.id }
            let lines = try await store.entityDecisions(
                DecisionFilter(name: name, entity: id, actor: by, byPeople: people, limit: limit))
            let grid = EntityTables.log(lines)
            try format.show(lines, grid: grid) { lines.isEmpty ? "nothing was decided" : grid.rendered() }
            if lines.count == limit { Terminal.say("the newest \(limit); --limit shows more.") }
            return .done
        }
    }
}

extension EntityType: ExpressibleByArgument {}
extension EntityState: ExpressibleByArgument {}
