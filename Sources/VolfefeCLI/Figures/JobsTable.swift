import Foundation
import Volfefe

/// Jobs as people and spreadsheets read them.
enum JobsTable {
    static func grid(_ jobs: [Job]) -> Grid {
        var grid = Grid([
            "job", "<queue", "<kind", "<state", "priority", "content", "<attempt", "<scheduled", "<ended", "<reason",
        ])
        for job in jobs {
            grid.add(
                .id(job.id), .text(job.queue), .text(job.kind), .text(job.state.rawValue), .count(job.priority),
                job.contentID.map(Grid.Cell.id) ?? .text("–"), .text("\(job.attempt)/\(job.maxAttempts)"),
                .text(job.scheduledAt.shown), .text(job.finishedAt?.shown ?? "–"), .text(job.reason ?? ""))
        }
        return grid
    }

    static func deadLetters(_ dead: [JobHistory]) -> Grid {
        var grid = Grid(["job", "<queue", "<kind", "content", "<class", "attempts", "<died", "<last error"])
        for letter in dead {
            let job = letter.job
            grid.add(
                .id(job.id), .text(job.queue), .text(job.kind), job.contentID.map(Grid.Cell.id) ?? .text("–"),
                .text(job.reason ?? ""), .count(letter.attempts.count), .text(job.finishedAt?.shown ?? ""),
                .text(letter.attempts.last?.failure.message ?? ""))
        }
        return grid
    }

    /// Everything about one job.
    static func text(_ history: JobHistory) -> String {
        let job = history.job
        var lines = [
            Style.bold("job \(job.id)") + "  \(job.state.rawValue)" + (job.reason.map { " (\($0))" } ?? ""),
            "  \(job.kind)" + (job.contentID.map { " of content \($0)" } ?? "") + " in queue \(job.queue), priority "
                + "\(job.priority)" + (job.jobRun.map { ", run \($0)" } ?? ""),
            "  attempt \(job.attempt) of \(job.maxAttempts), claimed \(job.claim) times, rescued \(job.rescues) times",
            "  put in \(job.insertedAt.shown), scheduled for \(job.scheduledAt.shown)"
                + (job.attemptedAt.map { ", last begun \($0.shown)" } ?? "")
                + (job.finishedAt.map { ", ended \($0.shown)" } ?? ""),
        ]
        for attempt in history.attempts {
            lines.append(
                "  \(attempt.endedAt.shown)  attempt \(attempt.attempt) (claim \(attempt.claim)): "
                    + "\(attempt.failure.kind.rawValue): \(attempt.failure.message)")
            lines += (attempt.failure.detail ?? "").split(separator: "\n").map { "    | \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
