/// A generator of random numbers that gives the same ones for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// One wave of new texts: what they do to their workers, and what must become of them. A decision, without effects.
struct SoakWave: Sendable {
    /// What happens beside the texts' own directives.
    enum Kind: CaseIterable, Sendable {
        /// Texts that kill or hold up their workers; nobody else does.
        case deadlyTexts
        /// Workers are SIGKILLed from outside; so texts are harmless, as a second death would be charged to them.
        case killedWorkers
        /// Texts that kill their worker the first time only, never two in one request.
        case nervousTexts
    }

    /// What becomes of the supervisor of the wave's first run.
    enum Ending: Sendable {
        case byItself, killed, terminated
    }

    let kind: Kind
    let ending: Ending
    /// Directives by text name.
    let directives: [String: String]
    /// Names of all texts.
    let names: [String]
    /// Name → code of the failure of all its models.
    let setAside: [String: String]
    /// Text, model and code of single failed cells.
    let cells: [[String]]

    private static let harmless = ["#noise", "#dup", "#wrongid", "#nan", "#surrogate", "#slow30", "#stderr1", "#leak5"]
    private static let deadly = ["#crash": "poison", "#exit0": "poison", "#half": "poison", "#exit9": "poison"]
    private static let holding = ["#hang": "timeout", "#fork": "timeout", "#spin": "timeout", "#ignoreterm": "timeout"]
    private static let spoiled = ["#badcell": "bad_reply", "#lacks": "bad_reply", "#raises": "model_error"]

    /// Texts from number `first` on.
    init(first: Int, using generator: inout SeededGenerator) {
        kind = Kind.allCases.randomElement(using: &generator) ?? .deadlyTexts
        ending = [Ending.byItself, .byItself, .killed, .terminated].randomElement(using: &generator) ?? .byItself
        names = (0..<Int.random(in: 40...120, using: &generator)).map { "t\(first + $0)" }
        var directives: [String: String] = [:]
        var setAside: [String: String] = [:]
        var cells: [[String]] = []
        // Directives are looked up in a fixed order: that of a dictionary changes from run to run.
        func pick(_ table: [String: String]) -> (String, String) {
            let key = table.keys.sorted().randomElement(using: &generator) ?? ""
            return (key, table[key] ?? "")
        }
        for name in names where Int.random(in: 0..<8, using: &generator) == 0 {
            directives[name] = Self.harmless.randomElement(using: &generator)
        }
        switch kind {
        case .deadlyTexts:
            for name in names where Int.random(in: 0..<25, using: &generator) == 0 {
                let (directive, code) = pick(Self.deadly)
                (directives[name], setAside[name]) = (directive, code)
            }
            if let name = names.randomElement(using: &generator), setAside[name] == nil {
                let (directive, code) = pick(Self.holding)
                (directives[name], setAside[name]) = (directive, code)
            }
            for name in names where setAside[name] == nil && Int.random(in: 0..<20, using: &generator) == 0 {
                let (directive, code) = pick(Self.spoiled)
                directives[name] = directive
                cells.append([name, "alpha", code])
            }
        case .killedWorkers: break
        case .nervousTexts:
            for index in names.indices where index % 8 == 3 { directives[names[index]] = "#crashonce" }
        }
        (self.directives, self.setAside, self.cells) = (directives, setAside, cells)
    }
}
