/// Why a line of a results file cannot be used: a sentence with its remedy, which never holds a text.
struct ResultFault: Error, Hashable {
    let message: String

    init(_ message: String) { self.message = message }

    /// A field that is not what it must be.
    static func field(_ path: String, _ expectation: String) -> ResultFault {
        ResultFault("`\(path)` must be \(expectation).")
    }
}
