import Foundation
import Synchronization

/// Progress on stderr: a line that redraws itself on a terminal, a plain line every ten seconds elsewhere.
final class Progress: Sendable {
    private struct State {
        var done = 0
        var failed = 0
        var lastDrawn: ContinuousClock.Instant?
    }

    private let total: Int?
    private let unit: String
    private let begun = ContinuousClock.now
    private let quiet: Bool
    private let state = Mutex(State())

    /// `total` nil: not known beforehand. Nothing is drawn in the first two seconds.
    init(total: Int?, unit: String, quiet: Bool = false) {
        self.total = total
        self.unit = unit
        self.quiet = quiet
    }

    /// Counts finished items and redraws when it is time.
    func advance(_ done: Int, failed: Int = 0) {
        let line: String? = state.withLock { state in
            state.done += done
            state.failed += failed
            let now = ContinuousClock.now
            let interval: Duration = Terminal.talksToPerson ? .milliseconds(150) : .seconds(10)
            let reference = state.lastDrawn ?? (Terminal.talksToPerson ? begun + .seconds(2) - interval : begun)
            guard !quiet, now - reference >= interval else { return nil }
            state.lastDrawn = now
            return text(state, elapsed: (now - begun) / .seconds(1))
        }
        guard let line else { return }
        if Terminal.talksToPerson {
            Terminal.write(Array("\r\u{1B}[K\(line)".utf8), to: 2)
        } else {
            Terminal.say(line)
        }
    }

    /// Removes the line from a terminal.
    func end() {
        let drawn = state.withLock { $0.lastDrawn != nil }
        if drawn, Terminal.talksToPerson { Terminal.write(Array("\r\u{1B}[K".utf8), to: 2) }
    }

    private func text(_ state: State, elapsed: Double) -> String {
        let rate = Double(state.done) / max(elapsed, 0.001)
        var parts = [total.map { "\(state.done.grouped)/\($0.grouped) \(unit)" } ?? "\(state.done.grouped) \(unit)"]
        if let total, total > 0 { parts.append("\(state.done * 100 / total) %") }
        parts.append("\(rate.digits(1))/s")
        if let total, rate > 0 { parts.append("ETA \(Self.clock(Double(total - state.done) / rate))") }
        if state.failed > 0 { parts.append("\(state.failed.grouped) failed") }
        return parts.joined(separator: "  ")
    }

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }
}
