import ArgumentParser
import Foundation
import Volfefe

/// What commands that decide about entities have in common.
struct DecisionOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON on stdout, for machines.")
    var json = false

    @Option(name: .customLong("as"), help: "Who decides, for the log (default: the user).")
    var name: String?

    func validate() throws {
        if let name, name.isEmpty || Phase(rawValue: name) != nil {
            throw ValidationError("--as needs the name of a person, not \"\(name)\".")
        }
    }

    /// Who decides. A user who is called like a phase is no phase.
    var actor: String {
        if let name { return name }
        let user = ProcessInfo.processInfo.environment["USER"] ?? ""
        let login = user.isEmpty ? NSUserName() : user
        return login.isEmpty || Phase(rawValue: login) != nil ? "user" : login
    }

    /// Prints what was decided as JSON, or says it.
    func show(_ decisions: [EntityDecision], _ sentence: (EntityDecision) -> String) throws {
        if json { Terminal.show(try decisions.count == 1 ? JSON.line(decisions[0]) : JSON.line(decisions)) }
        for decision in decisions {
            guard let number = decision.decision else {
                Terminal.say("nothing had to be changed")
                continue
            }
            Terminal.say("decision \(number): \(sentence(decision)); volfefe entities undo \(number) takes it back")
        }
    }
}

extension EntityDecision {
    /// `3 names`
    fileprivate var nameCount: String { names.count == 1 ? "1 name" : "\(names.count.grouped) names" }
}

/// `volfefe entities merge`
struct EntityMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make entities one: the first keeps its name, and gets the names of the others.",
        discussion: """
              volfefe entities merge 3 17 29
              volfefe entities merge "General Motors" "GM Company"
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var decision: DecisionOptions
    @Argument(help: "The entity that stays: its id, name or ticker.") var entity: String
    @Argument(help: "The entities that become it.") var others: [String]

    func run() async throws {
        try await reportingErrors {
            let made = try await Store.writing(global).merge(
                others.map(EntityReference.init), into: EntityReference(entity), by: decision.actor)
            try decision.show([made]) { "\($0.nameCount) belong to entity \($0.entity ?? 0) now" }
            return .done
        }
    }
}

/// `volfefe entities split`
struct EntitySplitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split", abstract: "Let names leave an entity for a new one.",
        discussion: """
              volfefe entities split 3 --names "Nike Bank" 44
              volfefe entities split 3 --names 44 --called "Nike Bank"
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var decision: DecisionOptions
    @Argument(help: "The entity: its id, name or ticker.") var entity: String
    @Option(name: .long, parsing: .upToNextOption, help: "The names that leave, by id or as they are spelled.")
    var names: [String]
    @Option(name: .long, help: "Name of the new entity (default: the first of those).") var called: String?

    func validate() throws {
        if called?.isEmpty == true { throw ValidationError("--called must not be empty.") }
    }

    func run() async throws {
        try await reportingErrors {
            let made = try await Store.writing(global).split(
                EntityReference(entity), names: names, as: called, by: decision.actor)
            try decision.show([made]) { "\($0.nameCount) belong to the new entity \($0.entity ?? 0) now" }
            return .done
        }
    }
}

/// `volfefe entities accept`
struct EntityAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Say which entity a name in review is.",
        discussion: """
            Without --into and --new it is the only entity that it is like, or one of its own
            when it is like none. All names that are given, or none, are decided on.

              volfefe entities accept 41
              volfefe entities accept 41 42 --into Nike
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var decision: DecisionOptions
    @Argument(help: "Ids of names, as volfefe entities conflicts lists them.") var names: [Int64]
    @Option(name: .long, help: "The entity: its id, name or ticker.") var into: String?
    @Flag(name: .long, help: "An entity of its own, whatever it is like.") var new = false

    func validate() throws {
        if into != nil, new { throw ValidationError("--into and --new are two answers; take one.") }
    }

    func run() async throws {
        try await reportingErrors {
            let target: NameTarget = into.map { .entity(EntityReference($0)) } ?? (new ? .new : .candidate)
            let made = try await Store.writing(global).accept(names, as: target, by: decision.actor)
            try decision.show(made) { "name \($0.names.first ?? 0) belongs to entity \($0.entity ?? 0) now" }
            return .done
        }
    }
}

/// `volfefe entities reject`
struct EntityRejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Say that names name nothing, or that an entity is none.",
        discussion: """
            It stays so when the name is found again.

              volfefe entities reject 41 42
              volfefe entities reject --entity "Secure Border"
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var decision: DecisionOptions
    @Argument(help: "Ids of names.") var names: [Int64] = []
    @Option(name: .long, help: "An entity, with all its names: its id, name or ticker.") var entity: String?

    func validate() throws {
        guard names.isEmpty != (entity == nil) else {
            throw ValidationError("Say which names, by id, or which entity with --entity.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.writing(global)
            let made =
                if let entity {
                    try await store.reject(EntityReference(entity), by: decision.actor)
                } else {
                    try await store.reject(names: names, by: decision.actor)
                }
            try decision.show([made]) { "\($0.nameCount) rejected" }
            return .done
        }
    }
}

/// `volfefe entities undo`
struct EntityUndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take a decision back: everything it changed becomes what it was.",
        discussion: """
            Decisions may be taken back in any order, as long as what they changed is as they
            left it. Undoing is a decision too, and can be undone. A name that a phase had
            decided on goes to review, so that the phase does not decide the same again.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var decision: DecisionOptions
    @Argument(help: "Number of the decision, as volfefe entities log lists it.") var number: Int64

    func run() async throws {
        try await reportingErrors {
            let made = try await Store.writing(global).undo(number, by: decision.actor)
            try decision.show([made]) { _ in "decision \(number) was taken back" }
            return .done
        }
    }
}
