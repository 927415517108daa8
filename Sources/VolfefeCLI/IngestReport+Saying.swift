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
        findings?.say()
    }
}

extension IngestFindings {
    /// Says on stderr what the phases have found.
    fileprivate func say() {
        guard annotated > 0 else { return }
        if !languages.isEmpty {
            let all = languages.map { "\($0.language ?? "too short to tell") \($0.contents.grouped)" }
            let rest = languages.dropFirst(Self.said).reduce(0) { $0 + $1.contents }
            let others = rest > 0 ? ["others \(rest.grouped)"] : []
            Terminal.say("  languages: " + (all.prefix(Self.said) + others).joined(separator: ", "))
        }
        if !entities.isEmpty {
            let names = entities.map { "\($0.name) \($0.contents.grouped)" }.joined(separator: ", ")
            Terminal.say("  names: \(distinctEntities.grouped) different; in most contents: \(names)")
        }
        for failure in failed {
            Terminal.say("  \(failure.phase.rawValue) failed on \(failure.contents.grouped) contents (\(failure.code))")
        }
    }

    /// Languages that are named one by one.
    private static let said = 8
}
