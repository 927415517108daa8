import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The folder of the sockets of running supervisors: one `PID.sock` each, nobody else's business.
struct RuntimeFolder: Sendable {
    /// Absolute path.
    let path: String

    init(_ path: String) {
        self.path = URL(filePath: path).standardizedFileURL.path
    }

    /// Where the supervisor with this process id listens.
    func socket(of pid: Int32) -> String { "\(path)/\(pid).sock" }

    /// Makes the folder when it is not there, for its owner alone; throws when it is not the caller's alone.
    func make() throws(SocketError) {
        let parent = URL(filePath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .failed(path, errno) }
        try check()
    }

    /// Process ids of the supervisors that have a socket here, in ascending order; none when there is no folder.
    func supervisors() throws(SocketError) -> [Int32] {
        var facts = stat()
        if lstat(path, &facts) != 0, errno == ENOENT { return [] }
        try check()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".sock") }.compactMap { Int32($0.dropLast(5)) }.sorted()
    }

    /// Removes the sockets at which nobody listens any more.
    func removeStale() {
        for pid in (try? supervisors()) ?? [] { removeIfStale(pid) }
    }

    private func removeIfStale(_ pid: Int32) {
        do throws(SocketError) {
            try UnixSocket.connected(to: socket(of: pid), within: .seconds(1)).close()
        } catch  where error.isRefused {
            unlink(socket(of: pid))
        } catch {
            // It is there and somebody may listen; leave it.
        }
    }

    /// A folder that others can write to, or a link to one, would let them answer in a supervisor's name.
    private func check() throws(SocketError) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw .failed(path, errno) }
        guard facts.st_mode & S_IFMT == S_IFDIR else { throw .unsafeFolder(path, "it is not a folder") }
        guard facts.st_uid == geteuid() else { throw .unsafeFolder(path, "it belongs to somebody else") }
        guard facts.st_mode & 0o077 == 0 else { throw .unsafeFolder(path, "others may enter it") }
    }
}
