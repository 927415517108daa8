import Foundation
import Inference
import Volfefe

/// Lines of standard input as texts: bare lines, or objects with `text` and perhaps `id`.
struct PipedLines {
    private struct Object: Decodable {
        let id: Identifier?
        let text: String?
    }

    /// An id as people write it: text or number.
    private enum Identifier: Decodable {
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int64.self) {
                self = .text(String(number))
            } else {
                self = .text(try container.decode(String.self))
            }
        }

        var string: String {
            switch self {
            case .text(let text): text
            }
        }
    }

    private let jsonl: Bool
    private var reader: ByteLineReader

    init(jsonl: Bool, maxLineBytes: Int) {
        self.jsonl = jsonl
        reader = ByteLineReader(descriptor: 0, limit: maxLineBytes)
    }

    /// The lines that are there, at least one and at most `count`; nil at the end of the input.
    mutating func next(atMost count: Int) throws -> [StreamRun.Item]? {
        var items: [StreamRun.Item] = []
        while items.count < count {
            guard items.isEmpty || reader.hasBufferedLine() else { break }
            guard let line = try reader.next() else { break }
            items.append(item(line, number: reader.number))
        }
        return items.isEmpty ? nil : items
    }

    private func item(_ line: ByteLineReader.Line, number: Int) -> StreamRun.Item {
        func bad(_ code: String, _ message: String) -> StreamRun.Item {
            .init(line: number, text: nil, problem: .init(code: code, message: "line \(number) \(message)"))
        }
        guard case .bytes(let bytes) = line else {
            return bad("too_long", "is longer than the limit (setting max_line_bytes)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { return bad("bad_encoding", "is not UTF-8") }
        guard jsonl else {
            return text.allSatisfy(\.isWhitespace) ? bad("no_text", "has no text") : .init(line: number, text: text)
        }
        guard !text.allSatisfy(\.isWhitespace) else { return bad("no_text", "is empty") }
        guard let object = try? JSONDecoder().decode(Object.self, from: Data(bytes)) else {
            return bad("bad_json", "is not a JSON object with a text in \"text\"")
        }
        let id = object.id?.string
        guard let text = object.text, !text.allSatisfy(\.isWhitespace) else {
            var item = bad("no_text", "has no text in \"text\"")
            item.id = id
            return item
        }
        return .init(line: number, id: id, text: text)
    }
}
