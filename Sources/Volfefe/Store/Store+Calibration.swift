import Crypto
import Foundation
import GRDB
import Inference

extension Store {
    /// Fits a temperature for each model on the gold labels and stores them under a name; the verdicts stay as they are.
    ///
    /// Without a name it is called after its parameters, so fitting again on the same labels stores nothing new. Throws
    /// `VolfefeError.badInput` for a name that another calibration has.
    public func calibrate(_ models: [AnalysedModel], folds: Int, name: String? = nil) async throws -> CalibrationReport
    {
        let (fits, digest) = try await read { db in
            var fits = models.map { CalibrationFit($0, folds: folds) }
            var digest = SHA256()
            try Self.eachGold(models, hashes: true, in: db) { content in
                guard let hash = content.textHash else { return }
                digest.update(data: hash)
                digest.update(data: [UInt8(truncatingIfNeeded: content.gold.code)])
                let fold = Folds.place(of: hash, among: folds)
                for (index, verdict) in content.verdicts.enumerated() {
                    guard let verdict, let probabilities = verdict.probabilities else { continue }
                    fits[index].add(
                        .init(gold: content.gold, said: verdict.said, probabilities: probabilities, fold: fold))
                }
            }
            return (fits, Data(digest.finalize()))
        }
        let fitted = fits.map { $0.fitted() }
        var report = CalibrationReport(
            name: nil, isNew: false, folds: folds, goldDigest: digest.hexadecimal, models: fitted.map(\.report))
        let rows = try zip(models, fitted).compactMap { model, fit in
            try fit.scaling.map {
                CalibrationRow(model: model, contents: fit.report.contents, parameters: try Self.parameters($0))
            }
        }
        guard !rows.isEmpty else { return report }
        let stored = StoredCalibration(folds: folds, digest: digest, rows: rows)
        let given = name
        let chosen = given ?? stored.derivedName
        report.name = chosen
        report.isNew = try await write { try stored.save(as: chosen, isDerived: given == nil, in: $0) }
        return report
    }

    private static func parameters(_ scaling: Calibration.Scaling) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(scaling), as: UTF8.self)
    }

    /// The calibration that was stored last; nil: none.
    public func latestCalibration() async throws -> Calibration? {
        let isThere = try await read { try Bool.fetchOne($0, sql: "SELECT EXISTS (SELECT 1 FROM calibrations)") }
        return isThere == true ? try await calibration("latest") : nil
    }

    /// The calibration of this name; `latest` is the one that was stored last.
    ///
    /// Throws `VolfefeError.notFound` when there is none.
    public func calibration(_ name: String) async throws -> Calibration {
        try await read { [path] db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT id, name, folds FROM calibrations
                    WHERE :name = 'latest' OR name = :name
                    ORDER BY id DESC
                    LIMIT 1
                    """,
                arguments: ["name": name])
            guard let row else {
                let known = try String.fetchAll(db, sql: "SELECT name FROM calibrations ORDER BY id DESC LIMIT 20")
                throw VolfefeError.notFound(
                    "there is no calibration \"\(name)\" in \(path); "
                        + (known.isEmpty
                            ? "volfefe calibrate makes one." : "there are: \(known.joined(separator: ", "))."))
            }
            let models = try Row.fetchAll(
                db, sql: "SELECT model_version_id, parameters FROM calibration_models WHERE calibration_id = ?",
                arguments: [row["id"] as Int64])
            let scalings = try models.map { model in
                let parameters: String = model[1]
                return (
                    model[0] as Int64, try JSONDecoder().decode(Calibration.Scaling.self, from: Data(parameters.utf8))
                )
            }
            return Calibration(
                name: row["name"], folds: row["folds"], scalings: Dictionary(scalings) { $1 })
        }
    }
}

/// The parameters of one model.
private struct CalibrationRow: Sendable, Hashable {
    var model: AnalysedModel
    var contents: Int
    /// As JSON.
    var parameters: String
}

/// A calibration on its way into the store.
private struct StoredCalibration: Sendable {
    var folds: Int
    var digest: Data
    var rows: [CalibrationRow]

    /// `temperature-` and the beginning of the SHA-256 of everything in it.
    var derivedName: String {
        let parts = ["\(folds)", digest.hexadecimal] + rows.flatMap { [$0.model.name, $0.parameters] }
        return "temperature-" + Data(parts.joined(separator: "\n").utf8).sha256.hexadecimal.prefix(10)
    }

    /// False when it was there already.
    func save(as name: String, isDerived: Bool, in db: Database) throws -> Bool {
        guard try Int64.fetchOne(db, sql: "SELECT id FROM calibrations WHERE name = ?", arguments: [name]) == nil else {
            if isDerived { return false }
            throw VolfefeError.badInput(
                "there is a calibration \"\(name)\" already, and none is ever changed; take another --name.")
        }
        try db.execute(
            sql: """
                INSERT INTO calibrations (name, method, folds, gold_digest, inserted_at)
                VALUES (?, 'temperature', ?, ?, ?)
                """,
            arguments: [name, folds, digest, Date().milliseconds])
        let id = db.lastInsertedRowID
        for row in rows {
            try db.execute(
                sql: """
                    INSERT INTO calibration_models (calibration_id, model_version_id, contents, parameters)
                    VALUES (?, ?, ?, ?)
                    """,
                arguments: [id, row.model.id, row.contents, row.parameters])
        }
        return true
    }
}
