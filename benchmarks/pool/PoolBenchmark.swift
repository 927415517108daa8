import Foundation
import Inference

/// What the pool costs: overhead per text, detection of a death, restarts. `scripts/bench pool` runs it; README.md says
/// how it measures.
///
/// Arguments: the project's folder, a Python interpreter (no wrapper: its start would be measured), how many restarts.
@main
struct PoolBenchmark {
    static func main() async throws {
        guard CommandLine.arguments.count == 4, let restarts = Int(CommandLine.arguments[3]), restarts > 0 else {
            show("usage: PoolBenchmark ROOT PYTHON RESTARTS; scripts/bench pool gives all three")
            exit(64)
        }
        signal(SIGPIPE, SIG_IGN)
        let setup = Setup(root: CommandLine.arguments[1], python: CommandLine.arguments[2])
        show(Setup.machine)
        show("\n" + (try await Overhead(setup: setup).run()))
        show("\n" + (try await Detection(setup: setup).run()))
        show("\n" + (try await Restarts(count: restarts).run()))
    }

    /// Prints at once, also into a pipe.
    private static func show(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
