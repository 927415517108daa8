import Foundation
import Testing

@testable import Inference

/// The reader of replies against Foundation's decoder: both must accept the same lines and read the same from them.
@Suite struct WireReaderTests {
    @Test func `a reply is read as Foundation reads it, however it is mutilated`() throws {
        var random = SplitMix(state: 20_261_121)
        let line = Array(Self.reply.utf8)
        #expect(Self.read(line) != nil)
        #expect(Self.read(line) == Self.reference(line))
        var accepted = 0
        for round in 0..<6_000 {
            var bytes = line
            for _ in 0..<Int.random(in: 1...3, using: &random) { Self.mutilate(&bytes, &random) }
            let (ours, theirs) = (Self.read(bytes), Self.reference(bytes))
            guard ours == theirs || (ours == nil && Self.isLax(bytes)) else {
                Issue.record("round \(round): \(String(decoding: bytes, as: UTF8.self))")
                return
            }
            if ours != nil { accepted += 1 }
        }
        #expect((500..<5_500).contains(accepted))
    }

    @Test(arguments: [
        #""\ud83d\ude00""#, #""\u00e9\n\t\/\\\"""#, "\"caf\u{E9} \u{2028}\"", #""""#,
    ])
    func `strings mean what JSON says`(json: String) throws {
        let ours = try Array(json.utf8).withUnsafeBufferPointer { buffer in
            var reader = WireReader(buffer)
            return try reader.string()
        }
        #expect(ours == (try JSONDecoder().decode([String].self, from: Data("[\(json)]".utf8)))[0])
    }

    @Test(arguments: [
        #""\ud83d""#, #""\ude00\ud83d""#, #""\x""#, #""\u12g4""#, "\"\u{1}\"", "\"open", "01", "1.", "1e", "-", ".5",
        "+1",
        "NaN", "tru", "[1,]", "[1 2]", "{\"a\"}", "{a:1}", "[1]]", "",
    ])
    func `what is no JSON is no value`(json: String) {
        let isValue = Array(json.utf8).withUnsafeBufferPointer { buffer -> Bool in
            var reader = WireReader(buffer)
            do {
                try reader.skip()
                try reader.end()
                return true
            } catch {
                return false
            }
        }
        #expect(!isValue)
    }

    // MARK: - Reading twice

    private struct Read: Equatable {
        var id: String
        var items: [[String: ModelOutcome]]
        var infos: [TextInfo?]
    }

    private static func read(_ bytes: [UInt8]) -> Read? {
        guard case .result(let result) = WorkerMessage.decode(bytes) else { return nil }
        return Read(id: result.id, items: result.items.map(\.models), infos: result.items.map(\.textInfo))
    }

    private struct Reference: Decodable {
        struct Item: Decodable {
            let text_info: TextInfo?
            let models: [String: Cell]
        }
        struct Cell: Decodable {
            let outcome: ModelOutcome
            init(from decoder: any Decoder) throws {
                do {
                    outcome = try ModelOutcome(from: decoder).validated()
                } catch {
                    outcome = .failure(
                        .init(code: "bad_reply", message: "the worker's answer for this model is malformed"))
                }
            }
        }
        let type: String
        let id: String
        let items: [Item]
    }

    private static func reference(_ bytes: [UInt8]) -> Read? {
        guard
            let reference = try? JSONDecoder().decode(Reference.self, from: Data(bytes)), reference.type == "result"
        else { return nil }
        return Read(
            id: reference.id, items: reference.items.map { $0.models.mapValues(\.outcome) },
            infos: reference.items.map(\.text_info))
    }

    /// What Foundation's decoder lets pass although it is no JSON: a comma before a closing bracket, and numbers that nobody
    /// asks for.
    private static func isLax(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes))) == nil
            || String(decoding: bytes, as: UTF8.self).contains(/,\s*[}\]]/)
    }

    private static func mutilate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let pieces = ["null", "1", "-2.5e1", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "true", "\"x\"", "0", "é"]
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8.random(in: 32..<127, using: &random)
        case 2: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
        case 3:
            // A digit for another, so that most lines stay JSON.
            if let digit = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) {
                bytes[digit] = UInt8.random(in: 0x30...0x39, using: &random)
            }
        default:
            // A key that is no longer the one that is looked for.
            if let letter = bytes[place...].firstIndex(where: { (0x61...0x7A).contains($0) }) { bytes[letter] = 0x7A }
        }
    }

    private static let reply = #"""
        {"type":"result","id":"g1-7","latency_ms":12.5,"items":[{"text_info":{"chars":36,"words":6,"lines":1,"urls":0,
        "hashtags":0,"mentions":0,"upper_share":0.1786,"exclamations":1,"questions":0,"url_only":false,"sha256":"ae"},
        "models":{"a":{"sentiment":"positive","confidence":0.75,"model_version":"1.0","meta":{"raw_scores":{"positive":0.75,
        "negative":0.25},"raw_model_output":[{"label":"POS","score":0.75},{"label":"NEG","score":2.5e-1}],
        "processing":{"latency_ms":1.25,"batch_size":2,"tokens":null,"truncated":false,"first_call":true},
        "quality":{"score_margin":0.5,"entropy":0.8113,"flags":["a","b"]}}},"b":{"error":{"code":"bad_text",
        "message":"caf\u00e9"}}}},{"text_info":null,"models":{"a":{"sentiment":"negative","confidence":1,"model_version":"1.0",
        "meta":{"raw_scores":{"negative":1},"raw_model_output":[],"processing":{"latency_ms":0,"batch_size":1,"tokens":17,
        "truncated":true,"first_call":false},"quality":{"score_margin":1,"entropy":0,"flags":[]}}}}}]}
        """#
}
