import Testing
import mmtrain

@Suite struct LaunchPlanTests {
  private let exports = { (threads: Int) in
    ["-x", "OMP_NUM_THREADS=\(threads)", "-x", "OPENBLAS_NUM_THREADS=\(threads)"]
  }

  @Test func ranksThatFitGetCoresOfTheirOwn() {
    let plan = LaunchPlan(ranks: 4, threads: nil, cores: 16, isRoot: false, program: ["/bin/mmtrain", "train"])
    #expect(plan.threadsPerRank == 4)
    #expect(
      plan.arguments == ["-n", "4", "--map-by", "slot:PE=4", "--bind-to", "core"] + exports(4)
        + ["/bin/mmtrain", "train", "--threads", "4"])
    #expect(plan.environment.isEmpty)
  }

  @Test func moreRanksThanCoresShareThem() {
    let plan = LaunchPlan(ranks: 4, threads: nil, cores: 2, isRoot: true, program: ["m"])
    #expect(
      plan.arguments == ["-n", "4", "--oversubscribe", "--bind-to", "none"] + exports(1) + ["m", "--threads", "1"])
    #expect(
      plan.commandLine(mpirun: "mpirun").hasPrefix(
        "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun -n 4 --oversubscribe "))
  }

  @Test func moreThreadsThanCoresAreNotBound() {
    let plan = LaunchPlan(ranks: 2, threads: 4, cores: 4, isRoot: false, program: ["m"])
    #expect(plan.arguments.prefix(4) == ["-n", "2", "--bind-to", "none"])
    #expect(
      oversubscriptionWarning(ranks: 2, threads: 4, cores: 4)?.hasPrefix("2 ranks of 4 threads share 4 cores") == true)
    #expect(oversubscriptionWarning(ranks: 2, threads: 2, cores: 4) == nil)
  }

  @Test func simulatedNodesAndProgramsWithoutThreads() {
    let plan = LaunchPlan(
      ranks: 2, threads: nil, cores: 2, isRoot: false, nodeSize: 1, program: ["m", "self-test"], takesThreads: false)
    #expect(plan.arguments.suffix(4) == ["-x", "MMTRAIN_NODE_SIZE=1", "m", "self-test"])
  }

  @Test func ranksGetTheArgumentsWithoutTheLaunch() {
    #expect(argumentsForRanks(["train", "--ranks", "4", "--set", "seed=1"]) == ["train", "--set", "seed=1"])
    #expect(argumentsForRanks(["--ranks=4", "--threads=2", "--output", "a"]) == ["--output", "a"])
    #expect(argumentsForRanks([]) == [])
  }

  @Test(arguments: [("a/b=c", "a/b=c"), ("a b", "'a b'"), ("", "''"), ("it's", "'it'\\''s'"), ("$(id)", "'$(id)'")])
  func wordsForTheShell(word: String, quoted: String) { #expect(shellWord(word) == quoted) }

  @Test func threadsDivideTheCoresUnlessTheLauncherHas() {
    #expect(defaultThreads(cores: 8, ranksOnNode: 2, isBound: false) == 4)
    #expect(defaultThreads(cores: 4, ranksOnNode: 2, isBound: true) == 4)
    #expect(defaultThreads(cores: 2, ranksOnNode: 8, isBound: false) == 1)
  }

  @Test(arguments: [
    ("There are not enough slots available in the system to satisfy the 8\nslots", "more ranks than cores"),
    ("mpirun has detected an attempt to run as root.", "mpirun refuses to run as root"),
    (
      "A request was made to bind to that would result in binding more processes than cpus on a resource",
      "--bind-to none"
    ),
    ("-----\nsomething else\n", "it said: something else"), ("", "it said: nothing"),
  ])
  func messagesOfMPIRunAreExplained(output: String, meaning: String) {
    #expect(explanation(ofMPIRun: output).contains(meaning))
  }

  @Test func kernelFilesAreRead() {
    let processor = ProcessorInformation(
      "processor\t: 0\nmodel name\t: Test CPU @ 2 GHz\nflags\t\t: fpu avx2 fma avx512f\n")
    #expect(processor.name == "Test CPU @ 2 GHz")
    #expect(processor.features == ["fma", "avx2", "avx512f"])
    #expect(ProcessorInformation("").name == "unknown")
    let memory = MemoryInformation("MemTotal:       100 kB\nMemFree: 5 kB\nMemAvailable:    50 kB\n")
    #expect(memory.total == 102_400 && memory.available == 51_200)
    #expect(parseCoreQuota("150000 100000\n") == 1.5)
    #expect(parseCoreQuota("max 100000\n") == nil)
    #expect(parseCoreQuota("") == nil)
    #expect(processorNumbers("0-2,5") == [0, 1, 2, 5])
    #expect(processorNumbers("x,3-1") == [])
    #expect(CoreCount(coreNames: ["0/0", "0/1", "0/0"], installed: 8).physical == 2)
  }
}
