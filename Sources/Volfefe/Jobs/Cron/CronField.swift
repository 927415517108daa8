/// One field of a cron schedule: the values that it allows. Pure.
struct CronField: Sendable, Hashable {
    /// Ascending.
    let values: [Int]
    /// Whether it begins with `*`, which matters for the two fields of days.
    let isStarred: Bool

    /// What a field may hold.
    struct Shape: Sendable {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []

        static let minute = Shape(name: "minute", range: 0...59)
        static let hour = Shape(name: "hour", range: 0...23)
        static let day = Shape(name: "day of the month", range: 1...31)
        static let month = Shape(
            name: "month", range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
        /// 7 is Sunday too.
        static let weekday = Shape(
            name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
    }

    /// Reads `*`, `5`, `1-5`, `mon-fri`, `*/15`, `8-18/2` and lists of these with commas; throws `CronSyntaxError`.
    init(_ text: String, _ shape: Shape) throws {
        var found = Set<Int>()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            found.formUnion(try Self.values(String(part), shape))
        }
        if shape.range.upperBound == 7, found.remove(7) != nil { found.insert(0) }
        values = found.sorted()
        isStarred = text.hasPrefix("*")
    }

    private static func values(_ part: String, _ shape: Shape) throws -> [Int] {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var step = 1
        if pieces.count == 2 {
            guard let given = Int(pieces[1]), given >= 1 else {
                throw CronSyntaxError("\"\(part)\": the step after / must be a whole number from 1")
            }
            step = given
        }
        let range: ClosedRange<Int>
        if pieces[0] == "*" {
            range = shape.range.upperBound == 7 ? 0...6 : shape.range
        } else {
            let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            guard ends.count <= 2, let first = number(ends[0], shape), var last = number(ends[ends.count - 1], shape)
            else {
                throw CronSyntaxError(
                    "\"\(part)\" is no \(shape.name): give numbers from \(shape.range.lowerBound) to \(shape.range.upperBound)"
                        + (shape.names.isEmpty ? "" : " or names such as \(shape.names[1])"))
            }
            // A week may end on Sunday.
            if ends.count == 2, last == 0, shape.range.upperBound == 7 { last = 7 }
            guard first <= last else { throw CronSyntaxError("\"\(part)\" ends before it begins") }
            guard pieces.count == 1 || ends.count == 2 else {
                throw CronSyntaxError(
                    "\"\(part)\": a step needs a range, such as */\(step) or \(ends[0])-\(shape.range.upperBound)/\(step)"
                )
            }
            range = first...last
        }
        return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
    }

    private static func number(_ word: String, _ shape: Shape) -> Int? {
        if let index = shape.names.firstIndex(of: word.lowercased()) {
            return index + (shape.range.lowerBound == 1 ? 1 : 0)
        }
        guard !word.isEmpty, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(word).flatMap { shape.range.contains($0) ? $0 : nil }
    }
}

/// Why a schedule cannot be read.
public struct CronSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String

    init(_ description: String) { self.description = description }
}
