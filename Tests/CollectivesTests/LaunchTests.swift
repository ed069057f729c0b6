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
    #expect(detectLaunch(environment) == Launch(launcher: "mpirun (Open MPI)", ranks: 4, rank: 2))
  }

  @Test(arguments: [
    ("PMI_SIZE", "PMI_RANK"), ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"), ("FLUX_JOB_SIZE", "FLUX_TASK_RANK"),
    ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
  ])
  func otherLaunchers(size: String, rank: String) {
    let launch = detectLaunch([size: "3", rank: "0"])
    #expect(launch?.ranks == 3)
    #expect(launch?.rank == 0)
  }

  @Test func oneRankIsSolo() {
    #expect(detectLaunch(["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"]) == nil)
    #expect(detectLaunch(["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"]) == nil)
  }

  @Test func batchScriptIsSolo() {
    #expect(detectLaunch(["SLURM_PROCID": "0", "SLURM_NTASKS": "8"]) == nil)
  }

  @Test func mpirunWithinSlurmDecides() {
    let slurm = ["SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1"]
    #expect(detectLaunch(slurm.merging(["OMPI_COMM_WORLD_SIZE": "1"]) { $1 }) == nil)
    #expect(detectLaunch(slurm.merging(["OMPI_COMM_WORLD_SIZE": "16"]) { $1 })?.ranks == 16)
  }

  @Test func nonsenseIsIgnored() {
    #expect(detectLaunch(["OMPI_COMM_WORLD_SIZE": "many", "PMI_SIZE": "-3"]) == nil)
    #expect(detectLaunch(["PMI_SIZE": "2", "PMI_RANK": "first"])?.rank == nil)
  }
}
