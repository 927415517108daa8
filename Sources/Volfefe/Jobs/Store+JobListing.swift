import Foundation
import GRDB

/// A job with everything that is known about it.
public struct JobHistory: Sendable, Hashable, Codable {
    /// The job.
    public var job: Job
    /// Its attempts that did not succeed, oldest first.
    public var attempts: [JobAttempt]
}

extension Store {
    /// Jobs of the filter, newest first, so many at most.
    public func jobs(_ filter: JobFilter, limit: Int) async throws -> [Job] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM jobs AS j
                    WHERE \(JobFilter.condition)
                    ORDER BY j.id DESC
                    LIMIT :limit
                    """, arguments: filter.arguments &+ ["limit": limit]
            ).map(Job.init)
        }
    }

    /// Jobs of the filter with their attempts, newest first.
    public func histories(_ filter: JobFilter, limit: Int) async throws -> [JobHistory] {
        let jobs = try await jobs(filter, limit: limit)
        return try await read { db in
            let statement = try db.makeStatement(sql: "SELECT * FROM job_attempts WHERE job_id = ? ORDER BY claim")
            return try jobs.map { job in
                JobHistory(job: job, attempts: try Row.fetchAll(statement, arguments: [job.id]).map(JobAttempt.init))
            }
        }
    }

    /// How many jobs of the filter there are in each state; states without any are left out.
    public func jobCounts(_ filter: JobFilter = JobFilter()) async throws -> [JobState: Int] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT j.state, count(*) FROM jobs AS j WHERE \(JobFilter.condition) GROUP BY j.state
                    """, arguments: filter.arguments)
            return Dictionary(
                rows.compactMap { row in JobState(rawValue: row[0]).map { ($0, row[1] as Int) } },
                uniquingKeysWith: +)
        }
    }
}
