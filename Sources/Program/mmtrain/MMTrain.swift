package import ArgumentParser

/// The command `mmtrain`. Without a subcommand it trains.
package struct MMTrain: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "mmtrain",
    abstract: "Trains transformers on images and text, on CPUs, over MPI.",
    discussion: """
      mmtrain                      train the built-in recipe on built-in data
      mmtrain train --ranks 4      the same on four ranks of this machine
      mpirun -n 4 mmtrain          the same, with an mpirun of your own
      mmtrain prepare flickr30k --output prepared/flickr30k
      mmtrain evaluate --checkpoint runs/a/last --data prepared/flickr30k

      Exit codes: 0 done, 64 usage, 65 bad data, 66 missing input, 69 network,
      70 internal, 73 cannot create output, 74 input or output failed,
      75 stopped on request (run again), 78 configuration, 80 diverged,
      81 ranks disagree, 82 hang. docs/exit-codes.md says more.
      """,
    version: "0.1.0",
    subcommands: [
      TrainCommand.self, PrepareCommand.self, EvaluateCommand.self, CalibrateCommand.self, MatchCommand.self,
      PredictCommand.self, EmbedCommand.self, ExplainCommand.self, ZeroShotCommand.self, SearchCommand.self,
      ExportCommand.self, ReportCommand.self, StudyCommand.self, ServeCommand.self, PrivacyCommand.self,
      FetchCommand.self, InspectCommand.self, VerifyCommand.self, DoctorCommand.self, SelfTestCommand.self,
      BenchCommand.self, ManualCommand.self,
    ],
    defaultSubcommand: TrainCommand.self)

  package init() {}
}
