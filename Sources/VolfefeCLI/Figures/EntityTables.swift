import Foundation
import Volfefe

/// Entities, names and decisions as people and spreadsheets read them.
enum EntityTables {
    static func list(_ entities: [ListedEntity], bySource: Bool) -> Grid {
        var grid = Grid(
            ["entity", "<name", "<type", "<ticker", "<state", "contents", "mentions", "names", "sources"]
                + (bySource ? ["<contents by source"] : []))
        for entity in entities {
            let state = entity.state.rawValue + (entity.mergedInto.map { " into \($0)" } ?? "")
            let cells: [Grid.Cell] = [
                .id(entity.id), .text(entity.name), .text(entity.type.rawValue), .text(entity.ticker ?? ""),
                .text(state), .count(entity.contents), .count(entity.mentions), .count(entity.names),
                .count(entity.sources.count),
            ]
            grid.add(cells: cells + (bySource ? [.text(places(entity.sources))] : []))
        }
        return grid
    }

    static func conflicts(_ conflicts: [NameConflict]) -> Grid {
        var grid = Grid([
            "name", "<found", "<type", "confidence", "contents", "<why", "<candidates",
        ])
        for conflict in conflicts {
            let candidates = conflict.candidates.map { "\($0.entityID) \($0.name) (\($0.score.digits(2)))" }
            grid.add(
                .id(conflict.id), .text(conflict.name), .text(conflict.type.rawValue),
                .figure(conflict.confidence, digits: 2),
                .count(conflict.contents), .text(conflict.why ?? ""), .text(candidates.joined(separator: ", ")))
        }
        return grid
    }

    static func log(_ lines: [LoggedDecision]) -> Grid {
        var grid = Grid([
            "decision", "<when", "<by", "<did", "<what", "<from", "<to", "score", "<why", "undone by",
        ])
        for line in lines {
            let what =
                (line.nameID.map { "name \($0)" } ?? "entity \(line.entityID ?? 0)")
                + (line.subject.map { " \($0)" } ?? "")
            grid.add(
                .id(line.decision), .text(line.decidedAt.shown), .text(line.actor), .text(line.action.rawValue),
                .text(what), .text(standing(line.fromState, line.fromEntity)),
                .text(standing(line.toState, line.toEntity)), .figure(line.score, digits: 2), .text(line.why ?? ""),
                line.undoneBy.map(Grid.Cell.id) ?? .text(""))
        }
        return grid
    }

    /// Everything about one entity.
    static func text(_ detail: EntityDetail, texts: [MentioningContent]) -> String {
        let entity = detail.entity
        var parts = [head(entity)]
        if !entity.sources.isEmpty { parts.append(sources(entity.sources).rendered(indent: "  ")) }
        parts.append(detail.names.isEmpty ? "  no names" : names(detail.names).rendered(indent: "  "))
        if !detail.absorbed.isEmpty {
            let absorbed = detail.absorbed.map { "\($0.id) \($0.name)" }.joined(separator: ", ")
            parts.append("  merged into it: \(absorbed)")
        }
        if !detail.sentiment.isEmpty { parts.append(sentiment(detail.sentiment).rendered(indent: "  ")) }
        if !detail.decisions.isEmpty { parts.append(log(detail.decisions).rendered(indent: "  ")) }
        parts += texts.map { "  \(Style.dim("content \($0.contentID) (\($0.source))"))\n  \($0.text)" }
        return parts.joined(separator: "\n\n")
    }

    private static func head(_ entity: ListedEntity) -> String {
        let facts = [
            entity.type.rawValue, entity.ticker.map { "ticker \($0)" },
            entity.state == .active ? nil : entity.state.rawValue + (entity.mergedInto.map { " into \($0)" } ?? ""),
            "\(entity.contents.grouped) contents", "\(entity.mentions.grouped) mentions",
        ]
        return Style.bold("entity \(entity.id)") + "  \(entity.name)\n  "
            + facts.compactMap { $0 }.joined(separator: ", ")
    }

    private static func sources(_ sources: [SourceMentions]) -> Grid {
        var grid = Grid(["<source", "contents", "mentions"])
        for source in sources { grid.add(.text(source.source), .count(source.contents), .count(source.mentions)) }
        return grid
    }

    private static func names(_ names: [LinkedName]) -> Grid {
        var grid = Grid([
            "name", "<as found", "<phase", "<method", "<type", "confidence", "mentions", "score", "<why",
        ])
        for name in names {
            grid.add(
                .id(name.id), .text(name.name), .text(name.phase), .text(name.method), .text(name.type.rawValue),
                .figure(name.confidence, digits: 2), .count(name.mentions), .figure(name.score, digits: 2),
                .text(name.why ?? ""))
        }
        return grid
    }

    private static func sentiment(_ models: [EntitySentiment]) -> Grid {
        var grid = Grid(["<model", "<version", "positive", "neutral", "negative"])
        for model in models {
            grid.add(
                .text(model.modelID), .text(model.modelVersion), .count(model.positive), .count(model.neutral),
                .count(model.negative))
        }
        return grid
    }

    /// `truth 12, news 3`
    private static func places(_ sources: [SourceMentions]) -> String {
        sources.map { "\($0.source) \($0.contents.grouped)" }.joined(separator: ", ")
    }

    /// `linked to 3`
    private static func standing(_ state: String?, _ entity: Int64?) -> String {
        guard let state else { return "–" }
        return state + (entity.map { " \(state == EntityState.merged.rawValue ? "into" : "to") \($0)" } ?? "")
    }
}
