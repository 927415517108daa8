import Foundation
import Inference

@testable import Volfefe

/// Texts on four subjects that share no word, the same for the same number.
enum CorpusTexts {
    static let subjects = [
        "tariff tariffs china trade deal import duties steel exports market",
        "ukraine russia putin ceasefire peace troops missile zelenskyy nato front",
        "fed powell inflation rate cut interest jerome economy prices mortgage",
        "hospital doctor vaccine patients medicine nurse virus clinic drug cancer",
    ].map { $0.split(separator: " ").map(String.init) }

    /// The subject of text `number` is `number % 4`.
    static func text(_ number: Int) -> String {
        var words = subjects[number % 4]
        var state = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        return (0..<6).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return words.remove(at: Int(state >> 33) % words.count)
        }.joined(separator: " ")
    }

    static func texts(_ count: Int) -> [String] { (0..<count).map(text) }

    /// Whether what finds topics and stories is installed.
    static let canBeFound: Bool = {
        let libraries = root + "/.venv/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []
        return versions.contains {
            FileManager.default.fileExists(atPath: "\(libraries)/\($0)/site-packages/sklearn/__init__.py")
        }
    }()

    /// Processes of priv/ml/phase.py that look for topics among a hundred contents, and for stories.
    static var pool: PhasePoolConfiguration {
        PhasePoolConfiguration(
            command: [root + "/.venv/bin/python", root + "/priv/ml/phase.py"], phases: ["topics", "stories"],
            settings: ["topics": ["minimum_contents": .integer(100), "topics": .integer(4)]])
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
}
