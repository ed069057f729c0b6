internal import Training

/// The one place where the command meets the loop.
func startTraining(_ configuration: RunConfiguration, resume: ResumePolicy, threads: Int) throws {
  try prepareOutputDirectory(configuration.outputDirectory)
  throw MissingRoom(work: "training")
}
