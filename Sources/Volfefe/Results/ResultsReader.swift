import Crypto
import Foundation

/// Reads the records of a results file one by one, in constant memory, and hashes what it reads.
///
/// JSON Lines, or a JSON array of the same objects. A bad record costs only itself.
final class ResultsReader {
    /// What `next()` gives.
    enum Record {
        /// A result map.
        case result(ResultRecord)
        /// What computed the results: models with their labels, and the environment.
        case header([DeclaredModel], environment: String?)
        /// A record that cannot be used.
        case problem(InputProblem)
    }

    private let file: String
    private let input: InputFile
    private let digest: Digest
    private var records: any RecordReader
    private var waiting: [(fields: [JSONValue.Member], line: Int)] = []

    /// The bytes that were read.
    private final class Digest {
        var hash = SHA256()
        var bytes = 0
    }

    /// Opens `file`. `maxLineBytes`: longest record. Throws `.badInput` for what is no JSON at all.
    init(_ file: ResultsFile, maxLineBytes: Int) throws {
        let input = try file.open()
        let digest = Digest()
        var source = ByteSource {
            guard let chunk = try input.read() else { return nil }
            digest.hash.update(data: chunk)
            digest.bytes += chunk.count
            return chunk
        }
        self.file = file.name
        self.input = input
        self.digest = digest
        try InputEncoding.check(&source, name: file.name)
        records =
            switch try ContentReader.guess(&source) {
            case .json: JSONRecords(source, file: file.name, limit: maxLineBytes)
            case .jsonl: JSONLinesRecords(source, file: file.name, limit: maxLineBytes)
            case .csv:
                throw VolfefeError.badInput(
                    "\(file.name) does not begin like JSON; results are JSON Lines, a result map per line, as "
                        + "`volfefe classify --jsonl` prints them.")
            }
    }

    /// SHA-256 of what was read, in hexadecimal; of the whole file after the last record.
    var sha256: String { Data(digest.hash.finalize()).hexadecimal }
    /// Bytes that were read.
    var bytes: Int { digest.bytes }

    /// The next record; nil at the end. Throws `.inputOutput` when reading fails.
    func next() throws -> Record? {
        if !waiting.isEmpty {
            let record = waiting.removeFirst()
            return read(record.fields, record.line)
        }
        switch try records.next() {
        case nil: return nil
        case .problem(let problem): return .problem(problem)
        case .fields(let fields, let line):
            // What `volfefe classify --json` prints of stored contents: a document with its results in it.
            guard let results = fields["results"]?.elements, fields["models"]?.members == nil else {
                return read(fields, line)
            }
            waiting = results.map { ($0.members ?? [], line) }
            return try next()
        }
    }

    private func read(_ fields: [JSONValue.Member], _ line: Int) -> Record {
        do {
            if let models = fields["models"]?.elements {
                return .header(
                    try models.map { try DeclaredModel($0) },
                    environment: fields["environment"].map(\.json))
            }
            return .result(try ResultRecord(fields, line: line))
        } catch let fault as ResultFault {
            return .problem(InputProblem(file: file, line: line, message: fault.message))
        } catch {
            return .problem(InputProblem(file: file, line: line, message: "\(error)"))
        }
    }
}
