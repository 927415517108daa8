import Foundation

/// The fields of `/proc/PID/stat` that we use.
public struct ProcessStat: Sendable {
    /// The letter of its state; Z is one that has ended and was not reaped.
    public let state: Character
    let processGroup: Int32
    /// Start of the process in clock ticks since the boot.
    public let start: Int64
    let residentPages: UInt64

    /// Whether it has ended and only its parent has not looked yet.
    public var hasEnded: Bool { state == "Z" || state == "X" || state == "x" }

    /// Reads them; nil when there is no such process, or no `/proc`.
    public init?(pid: Int32) {
        // The name stands in parentheses and may hold any character; the fields after it do not.
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .isoLatin1),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let state = fields[0].first, let group = Int32(fields[2]),
            let start = Int64(fields[19]), let pages = UInt64(fields[21])
        else { return nil }
        self.state = state
        processGroup = group
        self.start = start
        residentPages = pages
    }
}
