/// The way to a setting through nested ones: `sources.truth_social.mode`. A name with dots stands in double quotes.
struct DottedPath: Sendable, Hashable {
    /// The names, outermost first; at least one, none empty.
    let names: [String]

    /// Reads `a.b."c.d"`; nil when a name is empty or a quote is not closed.
    init?(_ text: String) {
        var names: [String] = []
        var name = ""
        var isQuoted = false
        var wasQuoted = false
        for character in text {
            switch character {
            case "\"":
                isQuoted.toggle()
                wasQuoted = true
            case "." where !isQuoted:
                names.append(name)
                name = ""
                wasQuoted = false
            default:
                guard isQuoted || !wasQuoted else { return nil }
                name.append(character)
            }
        }
        names.append(name)
        guard !isQuoted, !names.contains("") else { return nil }
        self.names = names
    }

    /// Reads `VOLFEFE_SOURCES__truth_social__MODE`: two underscores are a dot. Names that the user chose, of sources, models and cron
    /// entries, count as they are written, or as `known` writes them in another case; all others are in lower case. Nil for a
    /// variable without two underscores after `VOLFEFE_`, or with an empty name.
    init?(variable: String, known: [String]) {
        let prefix = "VOLFEFE_"
        guard variable.hasPrefix(prefix), variable.dropFirst(prefix.count).contains("__") else { return nil }
        let parts = String(variable.dropFirst(prefix.count)).split(separator: "__", omittingEmptySubsequences: false)
            .map(String.init)
        guard !parts.contains("") else { return nil }
        let group = parts[0].lowercased()
        names = parts.enumerated().map { place, part in
            guard place == 1, Self.named.contains(group) else { return part.lowercased() }
            return known.contains(part) ? part : known.first { $0.lowercased() == part.lowercased() } ?? part
        }
    }

    /// Groups whose entries have names of the user's own.
    private static let named = ["sources", "models", "cron"]
}

/// The dotted name of a setting, or of a group of them, that is closest to a misspelt one, if any is close.
public func nearestSetting(to key: String, in listing: [ListedSetting]) -> String? {
    var known = Set<String>()
    for setting in listing {
        var name = ""
        for part in setting.key.split(separator: ".") {
            name += (name.isEmpty ? "" : ".") + part
            known.insert(name)
        }
    }
    return nearest(to: key, among: known.sorted())
}

/// The word that is closest to a misspelt one, if any is close.
public func nearestWord(to word: String, among known: [String]) -> String? { nearest(to: word, among: known) }
