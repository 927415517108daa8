import Volfefe

extension ResultsReport {
    /// Says on stderr what became of the file.
    func say(isDryRun: Bool, isStrict: Bool) {
        (firstProblems + firstNotes).forEach { Terminal.say($0) }
        let unsaid = problems + kept + qualityDiffers - firstProblems.count - firstNotes.count
        if unsaid > 0 { Terminal.say("… and \(unsaid.grouped) more in \(file)") }
        var parts = ["\(stored.grouped) verdicts new", "\(unchanged.grouped) known already"]
        if replaced > 0 { parts.append("\(replaced.grouped) replaced") }
        if kept > 0 { parts.append("\(kept.grouped) left out for another verdict") }
        if newContents > 0 { parts.append("\(newContents.grouped) contents new") }
        if failures > 0 { parts.append("\(failures.grouped) failures not stored (`volfefe classify` tries them)") }
        if qualityDiffers > 0 {
            parts.append("\(qualityDiffers.grouped) with other quality figures than their scores give")
        }
        if problems > 0 { parts.append("\(problems.grouped) records with problems") }
        let isRefused = isStrict && problems > 0
        let what =
            isDryRun ? "dry run, nothing was stored: " : isRefused ? "nothing was stored (--strict); it would be: " : ""
        Terminal.say("\(file): \(records.grouped) records: \(what)\(parts.joined(separator: ", "))")
    }
}
