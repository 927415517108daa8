import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The two streams that people see: data goes to stdout, talk to stderr.
enum Terminal {
    /// Whether stderr is a terminal, so that progress may be drawn over itself.
    static let talksToPerson = isatty(STDERR_FILENO) == 1
    /// Whether stdout is a terminal, so that colours and indentation help.
    static let showsToPerson = isatty(STDOUT_FILENO) == 1
    /// Whether colours are wanted on stdout.
    static let usesColour =
        showsToPerson && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Whether stdin is a pipe or a file, not a terminal and not `/dev/null`.
    static var hasPipedInput: Bool {
        var facts = stat()
        guard fstat(STDIN_FILENO, &facts) == 0 else { return false }
        let kind = facts.st_mode & S_IFMT
        return kind == S_IFIFO || kind == S_IFREG || kind == S_IFSOCK
    }

    /// Says a line on stderr.
    static func say(_ line: String) {
        write(Array((line + "\n").utf8), to: STDERR_FILENO)
    }

    /// Prints a line of data on stdout; false when its reader has gone away.
    @discardableResult
    static func show(_ line: String) -> Bool {
        write(Array((line + "\n").utf8), to: STDOUT_FILENO)
    }

    /// Writes all bytes, blocking while the reader is slow. Unbuffered, so nothing is lost at exit.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { unsafe_write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, errno == EINTR || errno == EAGAIN {
                continue
            } else {
                return false
            }
        }
        return true
    }

    private static func unsafe_write(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, base, count)
        #else
            Darwin.write(descriptor, base, count)
        #endif
    }
}

/// Colours for a terminal; nothing elsewhere.
enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"

    func callAsFunction(_ text: String) -> String {
        Terminal.usesColour ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
