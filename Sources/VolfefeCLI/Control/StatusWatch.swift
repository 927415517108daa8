import Dispatch
import Foundation

/// `volfefe status --watch`: the survey again every second, over itself on a terminal, one after the other elsewhere.
struct StatusWatch {
    let folder: RuntimeFolder
    let pid: Int32?
    let showsJSON: Bool

    /// Runs until no supervisor is left or the reader goes away; SIGINT ends the program with 130.
    func run() async throws -> ExitStatus {
        let interrupts = endingAtInterrupt()
        defer { interrupts.cancel() }
        var survey = try Survey.take(in: folder, pid: pid)
        guard !survey.isEmpty else {
            survey.sayWhatIsMissing(pid: pid)
            return .noWorker
        }
        var next = ContinuousClock.now
        var isFirst = true
        while !survey.isEmpty {
            guard try show(survey, isFirst: isFirst) else { return .done }
            isFirst = false
            next += .seconds(1)
            try await Task.sleep(until: next)
            survey = try Survey.take(in: folder, pid: pid)
        }
        Terminal.say("volfefe: no supervisor is left")
        return .done
    }

    private func show(_ survey: Survey, isFirst: Bool) throws -> Bool {
        if showsJSON { return Terminal.show(try JSON.line(survey.reports)) }
        guard Terminal.showsToPerson else { return Terminal.show((isFirst ? "" : "\n") + survey.rendered()) }
        // Home, each line cleared to its end, then everything below: nothing flickers.
        let silent = survey.silent.map { Style.red("● \($0) does not answer") }
        let lines = (survey.rendered() + "\n" + silent.joined(separator: "\n"))
            .split(separator: "\n", omittingEmptySubsequences: false)
        let frame = (isFirst ? "\u{1B}[2J" : "") + "\u{1B}[H" + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[J"
        return Terminal.write(Array(frame.utf8), to: STDOUT_FILENO)
    }

    /// Nothing is open that would have to be closed, so the program can end at any moment.
    private func endingAtInterrupt() -> any DispatchSourceSignal {
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            if Terminal.showsToPerson { Terminal.show("") }
            exit(ExitStatus.interrupted.rawValue)
        }
        source.resume()
        return source
    }
}
