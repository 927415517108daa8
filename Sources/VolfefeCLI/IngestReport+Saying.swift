import Volfefe

extension IngestReport {
    /// Says on stderr what was read and what was wrong.
    func say() {
        for problem in firstProblems { Terminal.say(problem) }
        let unsaid = problems + warnings - firstProblems.count
        if unsaid > 0 { Terminal.say("… and \(unsaid.grouped) more problems in \(file)") }
        var parts = ["\(inserted.grouped) new", "\(unchanged.grouped) known already"]
        if edited > 0 { parts.append("\(edited.grouped) edited") }
        if withoutText > 0 { parts.append("\(withoutText.grouped) without text") }
        if warnings > 0 { parts.append("\(warnings.grouped) with warnings") }
        if problems > 0 { parts.append("\(problems.grouped) with problems") }
        Terminal.say("\(file): \(read.grouped) contents read: \(parts.joined(separator: ", "))")
    }
}
