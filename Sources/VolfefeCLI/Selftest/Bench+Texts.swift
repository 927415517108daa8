import Foundation

extension Bench {
    /// Texts `t1`, `t2`, … of different lengths; `directives` adds words to some of them, by name.
    func texts(_ count: Int, _ directives: [String: String] = [:]) -> [String: String] {
        var texts: [String: String] = [:]
        for number in 1...count {
            let name = "t\(number)"
            let words = String(repeating: "word ", count: number % 17) + String(repeating: "x", count: number % 5)
            texts[name] = "\(name) \(directives[name].map { $0 + " " } ?? "")\(words)."
        }
        return texts
    }

    /// Stores texts by their name. Throws when they cannot be.
    func ingest(_ texts: [String: String]) async throws {
        struct Post: Encodable { let id, text: String }
        let encoder = JSONEncoder()
        var file = Data()
        for (name, text) in texts.sorted(by: { Int($0.key.dropFirst()) ?? 0 < Int($1.key.dropFirst()) ?? 0 }) {
            file += try encoder.encode(Post(id: name, text: text)) + Data([0x0A])
        }
        try write("texts.jsonl", file)
        let ended = try await run("ingest", "texts.jsonl", "--source", "selftest")
        guard ended.status == 0 else {
            throw CommandError(.internalError, "the texts could not be stored (\(ended.ending)).")
        }
    }

    /// Classifies everything that is stored; `body` runs beside it.
    func classify<Value: Sendable>(
        flags: String = "", during body: @escaping @Sendable (Running) async throws -> Value
    ) async throws -> (Ended, Value) {
        try await run(Launch(arguments: ["classify", "--all"], flags: flags), during: body)
    }

    /// Classifies everything that is stored.
    func classify(flags: String = "") async throws -> Ended { try await run("classify", "--all", flags: flags) }
}

extension Seen {
    /// Requires an exit status.
    mutating func expect(_ ended: Ended, status: Int32...) {
        let wanted = status.map(String.init).joined(separator: " or ")
        require(status.contains(ended.status), "\(ended.ending), not exit \(wanted)")
        note("exit \(ended.status)")
    }
}

extension Double {
    /// Milliseconds without a fraction.
    var milliseconds: String { "\((self * 1000).digits(0)) ms" }
}

extension UInt64 {
    /// Bytes as megabytes.
    var megabytes: String { "\((Double(self) / 1_048_576).digits(0)) MB" }
}
