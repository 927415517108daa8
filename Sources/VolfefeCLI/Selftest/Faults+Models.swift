import Foundation

/// Models that cannot be loaded, or are not what they were.
extension Fault {
    static let models: [Fault] = [
        Fault(
            id: "R29", injected: "one model of three cannot be loaded",
            required: "strict: exit 66 with its name and remedy; --degraded: the others run, exit 1"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(20))
            let strict = try await bench.classify(flags: "--broken-model beta")
            seen.expect(strict, status: 66)
            for words in ["beta", "volfefe models prepare --model beta"] {
                seen.require(strict.talk.contains(words), "strict: the message lacks \"\(words)\"")
            }
            let before = try await bench.number("SELECT count(*) FROM classifications")
            seen.require(before == 0, "strict: \(before) rows were stored")
            let degraded = try await bench.run("classify", "--all", "--degraded", flags: "--broken-model beta")
            seen.expect(degraded, status: 1)
            seen.require(degraded.talk.contains("beta"), "degraded: the missing model is not named")
            let report = try await bench.report()
            seen.require(
                report.models == ["alpha": 20, "gamma": 20],
                "degraded: rows \(report.models.sorted { $0.key < $1.key })")
            seen.require(report.wrong == 0, "\(report.wrong) rows are another text's")
            seen.expect(try await bench.classify(), status: 0)
            try await bench.expectRows(&seen, texts: 20)
            return seen
        },
        Fault(
            id: "R33", injected: "a hub model without a network; weights whose hash is not the recorded one",
            required: "exit 66 or 78 naming path and remedy, in 5 s, never a hang"
        ) { bench in
            var seen = Seen()
            let script = "import numpy, onnxruntime, safetensors, tokenizers"
            let packages = try await bench.run(Launch(arguments: ["-c", script], program: try bench.interpreter()))
            guard packages.status == 0 else {
                seen.skip("the Python packages of the models are not installed (scripts/volfefe does it)")
                return seen
            }
            try bench.configure(["worker": "", "workers": "1", "workers_min": "1"])
            try bench.write("line.txt", Array("a text\n".utf8))
            let input = Launch.Input.file(bench.path("line.txt"))
            let probe = try await bench.run(
                Launch(arguments: ["-c", "pass"], program: try bench.interpreter(), conditions: ["--no-network"]))
            if probe.status != 0 { seen.skip("no namespace without a network can be made here") }
            let hub = try await bench.run(
                Launch(
                    arguments: ["classify", "--lines", "--profile", "hub"],
                    conditions: probe.status == 0 ? ["--no-network"] : [], input: input, limit: .seconds(60)))
            seen.expect(hub, status: 66, 78)
            seen.require(hub.seconds < 5, "hub: it took \(hub.seconds.digits(1)) s")
            for words in [bench.path("cache"), "volfefe models prepare"] {
                seen.require(hub.talk.contains(words), "hub: the message lacks \"\(words)\"")
            }
            let root = try bench.installation(changing: "priv/ml/models/minilm_social/adapter.safetensors")
            let changed = try await bench.run(
                Launch(
                    arguments: [
                        "classify", "--lines", "--root", root, "--profile", "default", "--model", "minilm_social",
                    ],
                    input: input, limit: .seconds(60)))
            seen.expect(changed, status: 78)
            for words in ["minilm_social/adapter.safetensors", "git checkout"] {
                seen.require(changed.talk.contains(words), "hash: the message lacks \"\(words)\"")
            }
            seen.require(changed.seconds < 15, "hash: it took \(changed.seconds.digits(1)) s")
            seen.note("hub \(hub.seconds.digits(1)) s, hash \(changed.seconds.digits(1)) s")
            try await bench.expectNoProcess(&seen)
            return seen
        },
    ]
}

extension Bench {
    /// A copy of the installation's own files in which one byte in the middle of a file is another.
    fileprivate func installation(changing file: String) throws -> String {
        let files = FileManager.default
        let (from, root) = (tools.installation.root, path("root"))
        try files.createDirectory(atPath: root + "/priv", withIntermediateDirectories: true)
        try files.copyItem(atPath: from + "/priv/ml", toPath: root + "/priv/ml")
        try files.copyItem(atPath: from + "/volfefe.yaml", toPath: root + "/volfefe.yaml")
        let url = URL(filePath: root + "/" + file)
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: url)
        return root
    }
}
