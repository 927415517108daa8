import ArgumentParser
import Inference

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@main
struct VolfefeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volfefe",
        abstract: "Runs every sentiment model on every text and keeps everything they say.",
        discussion: """
            Collect first, decide later from the data: each content gets one stored
            verdict per model and version.

              volfefe classify --file examples/posts.jsonl    ingest and classify a file
              volfefe classify --ids 1,2,3                    classify stored contents
              echo "Record highs!" | volfefe classify         one text; prints JSON
              volfefe show 1                                  every verdict on a content
              volfefe agreement                               how far the models agree
              volfefe report --html report.html               everything in one file

            Exit status: 0 done, 1 some items failed, 64 usage, 65 bad input, 66 input or
            model not found, 69 no worker could serve, 70 internal, 74 I/O, 75 locked,
            78 configuration, 130 and 143 stopped by a signal.
            """,
        version: "0.1.0",
        subcommands: [
            ClassifyCommand.self, IngestCommand.self, ResultsCommand.self, ShowCommand.self, ListCommand.self,
            StatsCommand.self, AgreementCommand.self, CompareCommand.self, DisagreementsCommand.self,
            ConsensusCommand.self, RedundancyCommand.self, GoldCommand.self, EvaluateCommand.self,
            CalibrateCommand.self, DriftCommand.self, LatencyCommand.self, PhasesCommand.self, GatesCommand.self,
            EntitiesCommand.self, TopicsCommand.self, StoriesCommand.self, MetricsCommand.self, ReportCommand.self,
            SQLCommand.self, ExportCommand.self, EnqueueCommand.self, WorkCommand.self, JobsCommand.self,
            QueueCommand.self, RunsCommand.self, CronCommand.self, WarmupCommand.self, ModelsCommand.self,
            StatusCommand.self, WorkersCommand.self, BenchCommand.self, DoctorCommand.self, ConfigCommand.self,
            SelftestCommand.self,
        ])

    static func main() async {
        // A worker or a reader of our output may go away at any time: that is an error code, not a death.
        signal(SIGPIPE, SIG_IGN)
        let limit = Descriptors.raiseLimit()
        guard limit >= Descriptors.fewest else {
            Terminal.say("volfefe: \(limit) file descriptors are too few to do anything; raise `ulimit -n` to 256.")
            exit(withError: ExitStatus.noWorker.code)
        }
        await main(nil)
    }
}
