import Launching
import Testing

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

  /// mpirun binds every run to the first cores: of two runs at once each would take the same.
  @Test func ranksThatLeaveCoresFreeAreNotBound() {
    let plan = LaunchPlan(ranks: 1, threads: 1, cores: 2, isRoot: false, program: ["m"])
    #expect(plan.arguments.prefix(4) == ["-n", "1", "--bind-to", "none"])
    // 3 × 5 of 16 is all that three ranks alike can take.
    let whole = LaunchPlan(ranks: 3, threads: nil, cores: 16, isRoot: false, program: ["m"])
    #expect(whole.arguments.prefix(6) == ["-n", "3", "--map-by", "slot:PE=5", "--bind-to", "core"])
  }

  /// Cores that taskset gave, or Open MPI's own variable, are not overruled.
  @Test func whatWasGivenStays() {
    let given = LaunchPlan(ranks: 2, threads: 1, cores: 2, binding: .never, isRoot: false, program: ["m"])
    #expect(given.arguments.prefix(4) == ["-n", "2", "--bind-to", "none"])
    let set = LaunchPlan(ranks: 4, threads: 1, cores: 2, binding: .asSet, isRoot: false, program: ["m"])
    #expect(set.arguments.prefix(3) == ["-n", "4", "--oversubscribe"] && !set.arguments.contains("--bind-to"))
  }

  @Test(arguments: [
    ("3", 3), ("4,2", 4), (" 2 ", 2), ("0", nil), ("-1", nil), ("many", nil), ("", nil), ("99999", nil),
  ])
  func threadsOfOpenMP(text: String, threads: Int?) {
    #expect(openMPThreads(text) == threads)
    let said = words(onOpenMPThreads: text, instead: 3)
    #expect((said == nil) == (text == "3" || text.isEmpty), "\(said ?? "")")
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
    (
      "There are not enough slots available in the system to satisfy the 8\nslots",
      "the ranks are more than the machines have slots: add --oversubscribe"
    ),
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
