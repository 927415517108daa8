/// Tells text from what is none by the first bytes of an input.
enum InputEncoding {
    /// Leaves a UTF-8 byte order mark behind. Throws `.badInput` when the input is empty, UTF-16, or no text.
    static func check(_ source: inout ByteSource, name: String) throws {
        let start = Array(try source.prefix(4096))
        if start.starts(with: [0xEF, 0xBB, 0xBF]) {
            try source.drop(3)
        } else if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
            throw VolfefeError.badInput(
                "\(name) is UTF-16; convert it first: iconv -f utf-16 -t utf-8 \(name) > converted")
        } else if start.starts(with: [0x1F, 0x8B]) {
            throw VolfefeError.badInput(
                "\(name) is compressed; unpack it first, for example: zcat \(name) | volfefe ingest -")
        } else if start.count(where: { $0 == 0 }) * 8 > start.count || start.starts(with: Array("PK\u{3}\u{4}".utf8)) {
            throw VolfefeError.badInput(
                "\(name) looks like UTF-16 without a mark, or is no text at all; if it is UTF-16: iconv -f utf-16le -t utf-8 "
                    + "\(name) > converted. Spreadsheets must be saved as CSV.")
        }
        if start.contains(0), case .failure(let bad) = start.utf8Text(), bad.offset + 4 < start.count {
            throw VolfefeError.badInput("\(name) is binary, not text; give JSON, JSON Lines or CSV in UTF-8.")
        }
        guard try source.peek() != nil else {
            throw VolfefeError.badInput("\(name) is empty: there is nothing to read.")
        }
    }
}
