import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The folder that holds `priv/ml` and the shipped `volfefe.yaml`.
public struct Installation: Sendable {
    /// Absolute path of the folder.
    public let root: String
    /// What pointed there, for example `VOLFEFE_ROOT`.
    public let origin: String

    /// The worker's entry point.
    public var workerScript: String { root + "/priv/ml/classify.py" }
    /// The entry point that prepares and verifies models.
    public var prepareScript: String { root + "/priv/ml/prepare.py" }
    /// The entry point of the plain ways that volfefe is compared with.
    public var referenceScript: String { root + "/priv/ml/reference.py" }
    /// The entry point that writes Parquet.
    public var exportScript: String { root + "/priv/ml/export.py" }
    /// The entry point of the workers that run phases of ingestion.
    public var phaseScript: String { root + "/priv/ml/phase.py" }
    /// The file with every default.
    public var settingsFile: String { root + "/volfefe.yaml" }

    /// Finds the folder: flag, `VOLFEFE_ROOT`, relative to the executable (a build folder, or `PREFIX/bin` with
    /// `PREFIX/share/volfefe`), then upwards from the current directory. Throws `.notFound` saying where it looked.
    public static func find(
        flag: String?, environment: [String: String], executable: String, currentDirectory: String
    ) throws -> Installation {
        for (given, origin) in [(flag, "--root"), (environment["VOLFEFE_ROOT"], "VOLFEFE_ROOT")] {
            guard let given, !given.isEmpty else { continue }
            let root = absolute(given, in: currentDirectory)
            guard isInstallation(root) else {
                throw VolfefeError.notFound(
                    "\(origin) names \(root), which holds no priv/ml/classify.py and volfefe.yaml. Point it at a checkout of volfefe."
                )
            }
            return Installation(root: root, origin: origin)
        }
        let program = URL(filePath: executable).resolvingSymlinksInPath()
        let besideProgram = ancestors(of: program.deletingLastPathComponent().path).flatMap {
            [$0, $0 + "/share/volfefe"]
        }
        for folder in besideProgram where isInstallation(folder) {
            return Installation(root: folder, origin: "the executable \(program.path)")
        }
        for folder in ancestors(of: currentDirectory) where isInstallation(folder) {
            return Installation(root: folder, origin: "the current directory")
        }
        throw VolfefeError.notFound(
            "cannot find volfefe's own files (priv/ml/classify.py and volfefe.yaml). Looked at --root, VOLFEFE_ROOT, "
                + "the folders above \(program.path), and those above \(currentDirectory). Set VOLFEFE_ROOT to a checkout of volfefe."
        )
    }

    /// Path of this program.
    public static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// The interpreter of the workers: `setting` when it is not empty, else the project's `.venv`, else `python3` of the
    /// folders in `path`. Throws `.noInterpreter` when there is none.
    public func python(
        _ setting: String, path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws -> String {
        let own = root + "/.venv/bin/python"
        if setting.isEmpty, access(own, X_OK) == 0 { return own }
        let name = setting.isEmpty ? "python3" : setting
        let candidates = name.contains("/") ? [name] : path.split(separator: ":").map { $0 + "/" + name }
        guard candidates.contains(where: { access($0, X_OK) == 0 }) else {
            throw VolfefeError.noInterpreter(
                setting.isEmpty
                    ? "there is no Python for the workers: neither \(own) nor python3 on the PATH. scripts/volfefe makes one."
                    : "the Python interpreter \(setting) cannot be run. Correct --python, VOLFEFE_PYTHON or the setting "
                        + "`python`; without any, scripts/volfefe makes one.")
        }
        return name
    }

    private static func isInstallation(_ folder: String) -> Bool {
        ["/priv/ml/classify.py", "/volfefe.yaml"].allSatisfy { FileManager.default.fileExists(atPath: folder + $0) }
    }

    private static func ancestors(of path: String) -> [String] {
        var folders: [String] = []
        var folder = URL(filePath: path).standardizedFileURL
        while true {
            folders.append(folder.path == "/" ? "" : folder.path)
            guard folder.path != "/" else { return folders }
            folder.deleteLastPathComponent()
        }
    }

    private static func absolute(_ path: String, in directory: String) -> String {
        URL(filePath: path, relativeTo: URL(filePath: directory, directoryHint: .isDirectory)).standardizedFileURL.path
    }
}
