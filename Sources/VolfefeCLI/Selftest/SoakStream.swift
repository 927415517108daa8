import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One supervisor that lives as long as the soak: `classify --jsonl`, fed through a pipe with texts of every kind.
struct SoakStream: Sendable {
    /// What became of it.
    struct Outcome: Sendable {
        var sent = 0
        var answered = 0
        var samples = Samples()
        var ending = ""
    }

    let bench: Bench

    private static let directives = [
        "#crash", "#exit0", "#half", "#noise", "#badcell", "#raises", "#dup", "#wrongid", "#leak5", "#stderr1", "#hang",
        "#crashonce", "#nan",
    ]

    /// Feeds and watches it until `isOver`; ends its input then and waits for its end.
    func run(seed: UInt64, until isOver: @escaping @Sendable () -> Bool) async throws -> Outcome {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw CommandError(.inputOutput, "no pipe can be made (\(String(cString: strerror(errno)))).")
        }
        let writer = ends[1]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(writer, F_SETFL, O_NONBLOCK)
        let launch = Launch(
            arguments: ["-c", "\"$0\" classify --jsonl | wc -l", bench.tools.program], program: "/bin/bash",
            flags: "--quiet", input: .descriptor(ends[0]), limit: .seconds(1_000_000))
        let (ended, outcome) = try await bench.run(launch) { running in
            var outcome = Outcome()
            var generator = SeededGenerator(seed: seed)
            defer { close(writer) }
            while !isOver(), running.isAlive, !Task.isCancelled {
                let isOdd = Int.random(in: 0..<20, using: &generator) == 0
                let directive = isOdd ? Self.directives.randomElement(using: &generator) ?? "" : ""
                outcome.sent += 1
                try await write(
                    "{\"id\":\(outcome.sent),\"text\":\"s\(outcome.sent) \(directive) some words\"}\n", to: writer)
                if outcome.sent % 5 == 0,
                    let pid = running.workers.first(where: { Proc.command($0).contains("classify") })
                {
                    outcome.samples.take(of: Running(pid: pid))
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            return outcome
        }
        var final = outcome
        final.answered = Int(ended.output.filter(\.isNumber)) ?? 0
        final.ending = ended.ending
        return final
    }

    private func send(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }

    /// Writes a line; waits while the pipe is full, which is the back-pressure that is wanted.
    private func write(_ line: String, to descriptor: Int32) async throws {
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                try await Task.sleep(for: .milliseconds(5))
            } else {
                return
            }
        }
    }
}
