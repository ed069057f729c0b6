import Collectives
import CollectivesMPI
import Testing

@Suite struct LaunchTests {
  @Test func noLauncher() throws {
    #expect(detectLaunch([:]) == nil)
    #expect(detectLaunch(["HOME": "/root", "SLURM_JOB_ID": "7"]) == nil)
    #expect(try startCommunicator(environment: [:]) is SoloCommunicator)
  }

  @Test func openMPI() {
    let environment = ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"]
    #expect(
      detectLaunch(environment)
        == Launch(launcher: "mpirun (Open MPI)", ranks: 4, rank: 2, variable: "OMPI_COMM_WORLD_SIZE"))
  }

  @Test(arguments: [
    ("PMI_SIZE", "PMI_RANK"), ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"), ("FLUX_JOB_SIZE", "FLUX_TASK_RANK"),
    ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
  ])
  func otherLaunchers(size: String, rank: String) {
    let launch = detectLaunch([size: "3", rank: "0", "PMIX_RANK": "0"])
    #expect(launch?.ranks == 3)
    #expect(launch?.rank == 0)
    #expect(launch?.variable == size)
  }

  /// `srun` announces its tasks to whatever runs in a step: only by PMI or PMIx can they find each other.
  @Test func aShellInAStepOfSlurmIsNoRank() {
    let step = ["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"]
    #expect(detectLaunch(step) == nil)
    #expect(lonelyStep(step) == .noInterface(tasks: 4))
    for interface in ["PMIX_RANK", "PMIX_NAMESPACE", "PMI_RANK", "PMI_FD"] {
      let rank = step.merging([interface: "0"]) { $1 }
      #expect(detectLaunch(rank)?.ranks == 4)
      #expect(lonelyStep(rank) == nil)
      let terminal = rank.merging(["SLURM_PTY_PORT": "4711"]) { $1 }
      #expect(detectLaunch(terminal) == nil)
      #expect(lonelyStep(terminal) == .terminal(tasks: 4))
    }
    #expect(lonelyStep(step.merging(["OMPI_COMM_WORLD_SIZE": "2"]) { $1 }) == nil)
    #expect(lonelyStep([:]) == nil)
  }

  @Test func variablesOfALauncherThatIsGoneAreKnown() {
    let own = ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1", "HOME": "/root"]
    #expect(leftoverVariables(own) { _ in true } == ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"])
    let served = own.merging(["PMIX_RANK": "1", "PMIX_SERVER_TMPDIR": "/tmp/ompi"]) { $1 }
    #expect(leftoverVariables(served) { $0 == "/tmp/ompi" } == [])
    #expect(leftoverVariables(served) { _ in false }.last == "PMIX_SERVER_TMPDIR")
    #expect(leftoverVariables(["HOME": "/root"]) { _ in false } == [])
  }

  @Test func theStartOfMPIIsAWaitWithAName() throws {
    let waits = WaitBoard()
    #expect(waits.current == nil)
    waits.duringStart {
      #expect(waits.current?.isStart == true)
      #expect(waits.current?.operation == "start of MPI")
    }
    #expect(waits.current == nil)
  }

  @Test func oneRankIsSolo() {
    #expect(detectLaunch(["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"]) == nil)
    #expect(detectLaunch(["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"]) == nil)
  }

  @Test func batchScriptIsSolo() {
    #expect(detectLaunch(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"]) == nil)
  }

  @Test func mpirunWithinSlurmDecides() {
    let slurm = ["SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1", "PMIX_RANK": "1"]
    #expect(detectLaunch(slurm.merging(["OMPI_COMM_WORLD_SIZE": "1"]) { $1 }) == nil)
    #expect(detectLaunch(slurm.merging(["OMPI_COMM_WORLD_SIZE": "16"]) { $1 })?.ranks == 16)
  }

  @Test func nonsenseIsIgnored() {
    #expect(detectLaunch(["OMPI_COMM_WORLD_SIZE": "many", "PMI_SIZE": "-3"]) == nil)
    #expect(detectLaunch(["PMI_SIZE": "2", "PMI_RANK": "first"])?.rank == nil)
  }
}
