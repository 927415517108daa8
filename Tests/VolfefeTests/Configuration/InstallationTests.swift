import Foundation
import Testing

@testable import Volfefe

@Suite struct InstallationTests {
    private func makeInstallation(_ root: String) throws {
        try write("", to: root + "/priv/ml/classify.py")
        try write("", to: root + "/volfefe.yaml")
    }

    private func find(
        _ folder: String, flag: String? = nil, environment: [String: String] = [:],
        executable: String = "/nowhere/volfefe",
        in directory: String? = nil
    ) throws -> Installation {
        try Installation.find(
            flag: flag, environment: environment, executable: executable, currentDirectory: directory ?? folder)
    }

    @Test func theFolderIsFoundFromABuildFolderThroughALink() throws {
        try withFolder { folder in
            let root = folder + "/checkout"
            try makeInstallation(root)
            try write("", to: root + "/.build/release/volfefe")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/volfefe", withDestinationPath: root + "/.build/release/volfefe")
            for executable in [root + "/.build/release/volfefe", folder + "/volfefe"] {
                #expect(try find(folder, executable: executable).root == root)
            }
        }
    }

    @Test func theFolderIsFoundBesideAnInstalledProgram() throws {
        try withFolder { folder in
            try makeInstallation(folder + "/share/volfefe")
            try write("", to: folder + "/bin/volfefe")
            #expect(try find("/", executable: folder + "/bin/volfefe").root == folder + "/share/volfefe")
        }
    }

    @Test func flagWinsOverEnvironmentOverProgramOverCurrentDirectory() throws {
        try withFolder { folder in
            for name in ["flag", "environment", "program", "current"] { try makeInstallation(folder + "/" + name) }
            let variables = ["VOLFEFE_ROOT": folder + "/environment"]
            let (program, current) = (folder + "/program/bin/volfefe", folder + "/current/deep/down")
            #expect(
                try find(folder, flag: "flag", environment: variables, executable: program).root == folder + "/flag")
            #expect(try find(folder, environment: variables, executable: program).root == folder + "/environment")
            #expect(try find(folder, executable: program, in: current).root == folder + "/program")
            #expect(try find(folder, in: current).root == folder + "/current")
        }
    }

    @Test func whatIsNotFoundSaysWhereItLooked() throws {
        try withFolder { folder in
            let error = try #require(throws: VolfefeError.self) {
                try find(folder, executable: folder + "/bin/volfefe")
            }
            #expect(error.exitCode == 66)
            for place in [folder, folder + "/bin/volfefe", "VOLFEFE_ROOT", "--root"] {
                #expect(error.description.contains(place))
            }
            let given = try #require(throws: VolfefeError.self) { try find(folder, flag: folder + "/none") }
            #expect(given.description.contains("--root names \(folder)/none"))
        }
    }

    @Test func theInterpreterIsTheOneGivenElseTheProjectsElseThePaths() throws {
        try withFolder { folder in
            try makeInstallation(folder)
            let installation = try find(folder)
            func makeProgram(_ path: String) throws {
                try write("", to: path)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            }
            let path = "/none:\(folder)/bin"
            let missing = try #require(throws: VolfefeError.self) { try installation.python("", path: path) }
            #expect(missing.description.contains("scripts/volfefe"))
            try makeProgram(folder + "/bin/python3")
            #expect(try installation.python("", path: path) == "python3")
            try makeProgram(folder + "/.venv/bin/python")
            #expect(try installation.python("", path: path) == folder + "/.venv/bin/python")
            #expect(try installation.python("python3", path: path) == "python3")
            for setting in [folder + "/none", "python2"] {
                let error = try #require(throws: VolfefeError.self) { try installation.python(setting, path: path) }
                #expect(error.description.contains(setting) && error.exitCode == 69)
            }
        }
    }
}
