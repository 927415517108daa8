/// Markdown as GitHub and GitLab read it.
enum Markdown {
    private static let special: Set<Character> = ["\\", "`", "*", "_", "[", "]", "<", ">", "|", "~", "&"]

    /// Text that is shown as it is and calls nobody: `@name` is broken by a character that is not seen.
    static func escaped(_ text: String) -> String {
        var result = ""
        var isInWord = false
        for character in oneLine(text) {
            if special.contains(character) { result.append("\\") }
            result.append(character)
            if character == "@", !isInWord { result.append("\u{2060}") }
            isInWord = character.isLetter || character.isNumber
        }
        return result
    }

    /// Text as a code span, in which nothing has a meaning; in a table, a bar has to be escaped even so.
    static func code(_ text: String, inTable: Bool = false) -> String {
        let line = oneLine(text)
        let longest = line.split { $0 != "`" }.map(\.count).max() ?? 0
        let fence = String(repeating: "`", count: longest + 1)
        let space = longest > 0 || line.hasPrefix(" ") || line.isEmpty ? " " : ""
        return fence + space + (inTable ? line.replacing("|", with: "\\|") : line) + space + fence
    }

    private static func oneLine(_ text: String) -> String {
        String(
            text.map { character -> Character in
                let isControl = character.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control }
                return character.isNewline || isControl ? " " : character
            })
    }
}
