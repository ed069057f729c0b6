import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// `--ranks` where people are: batch jobs, machines that do not answer, other runs beside it.
  @Suite struct LaunchTests {
    private let directory: TemporaryDirectory
    private let run: TinyRun

    init() throws {
      directory = try TemporaryDirectory()
      run = TinyRun(data: try Workshop.open().data, output: directory("run"), steps: 2)
    }

    /// `sbatch --cpus-per-task=8`: one task, whose slot is one.
    @Test func aSlurmJobOfOneTaskStartsRanks() throws {
      let result = try start(["--ranks", "2"], slurm.merging(["SLURM_NTASKS": "1"]) { $1 }).wait()
      #expect(result.status == 0, "\(result.errors)")
    }

    /// `srun --ntasks=4 --pty bash`: what is started there is no rank.
    @Test(arguments: [["--ranks", "2"], []]) func aShellInAStepOfSlurmTrains(ranks: [String]) throws {
      let step = ["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_TASKS_PER_NODE": "4"]
      let result = try start(ranks, slurm.merging(step) { $1 }).wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("warning: SLURM_STEP_NUM_TASKS is 4") == ranks.isEmpty, "\(result.errors)")
    }

    @Test(arguments: [["--ranks", "2"], []]) func variablesOfALauncherThatIsGoneAreNamed(ranks: [String]) throws {
      let result = try start(ranks, ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "0"]).wait()
      #expect(result.status == 78)
      #expect(result.errors.contains("unset OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE"), "\(result.errors)")
    }

    @Test func aMachineThatRefusesIsNamedLast() throws {
      let agent = try agent("echo \"ssh: connect to host $1 port 22: Connection refused\" >&2; exit 255")
      let result = try start(["--ranks", "2", "--hostfile", try hosts()], agent).wait()
      #expect(result.status == 69)
      let words = try #require(result.errors.split(separator: "\n").last)
      #expect(
        words.hasPrefix(
          "error: a machine cannot be reached: ssh: connect to host 192.0.2.7 port 22: Connection refused"),
        "\(result.errors)")
    }

    /// Nothing was begun: nobody waits for a machine that does not answer.
    @Test func aRequestWhileAMachineDoesNotAnswer() throws {
      let process = try start(
        ["--ranks", "2", "--hostfile", try hosts()], try agent("touch '\(directory("asked"))'; sleep 60"))
      let deadline = Date(timeIntervalSinceNow: 20)
      while !fileExists(directory("asked")), Date() < deadline { usleep(1000) }
      process.send(SIGUSR1)
      let result = try process.wait(timeout: 15)
      #expect(result.status == 75, "\(result.errors)")
      #expect(
        result.errors.hasSuffix("stopped before the first step; the same command begins again\n"), "\(result.errors)")
    }

    @Test func slotsThatDoNotSufficeAreCounted() throws {
      try writeAtomically("localhost slots=1\n".utf8, to: directory("hosts"))
      let result = try start(["--ranks", "2", "--hostfile", directory("hosts")], [:]).wait()
      #expect(result.status == 78)
      #expect(result.errors.contains("the machines have 1 slot(s) for 2 ranks"), "\(result.errors)")
    }

    /// One of them draws the built-in scenes; the other waits, and uses them.
    @Test func ofTwoFirstRunsInOneFolderOneDraws() throws {
      func start(_ output: String, _ more: [String]) throws -> RunningProcess {
        let own = TinyRun(model: .clip, data: nil, output: directory(output), steps: 2).arguments
        return try RunningProcess(
          "/bin/sh", ["-c", "cd '\(directory.path)' && exec \"$@\"", "sh", builtProgram] + own + more)
      }
      let first = try start("first", [])
      let deadline = Date(timeIntervalSinceNow: 30)
      while !isDirectory(directory("prepared")), Date() < deadline { usleep(1000) }
      let results = try [start("second", ["--ranks", "2"]), first].map { try $0.wait() }
      for result in results { #expect(result.status == 0, "\(result.errors)") }
      #expect(results[0].errors.contains("another run is drawing the built-in scenes"), "\(results[0].errors)")
      #expect(results.map { $0.errors.components(separatedBy: "rendering: ").count > 1 } == [false, true])
      #expect(try directoryEntries(directory("prepared")) == ["scenes", "scenes.lock"])
    }

    /// mpirun counts cores from the first one on, for each run anew.
    @Test(arguments: [1, 2]) func twoRunsTakeOtherCoresOrNone(ranks: Int) throws {
      let runs = try ["first", "second"].map { name in
        let run = TinyRun(data: run.data, output: directory(name), steps: 1_000_000)
        // Where launch/environment has set this, --ranks leaves binding to it.
        let unset = ["-u", "OMPI_MCA_hwloc_base_binding_policy", builtProgram]
        let process = try RunningProcess(
          "/usr/bin/env", unset + run.arguments + ["--ranks", "\(ranks)", "--restarts", "1"])
        try wait(forStep: 1, of: run.output, process)
        return (process, run.output)
      }
      let cores = try runs.map { try coresOfRanks($0.1) }
      #expect(cores.allSatisfy { $0.count == ranks }, "\(cores)")
      let all = try #require(allowedCores("self"))
      for one in cores[0] where one != all { #expect(!cores[1].contains(one), "\(cores)") }
      for run in runs { run.0.send(SIGTERM) }
      for run in runs { #expect(try run.0.wait().status == 75) }
    }

    private var slurm: [String: String] {
      let host = ProcessInfo.processInfo.hostName
      return [
        "SLURM_JOB_ID": "77", "SLURM_JOBID": "77", "SLURM_NNODES": "1", "SLURM_JOB_NUM_NODES": "1",
        "SLURM_NODELIST": host, "SLURM_JOB_NODELIST": host, "SLURM_TASKS_PER_NODE": "1", "SLURM_CPUS_ON_NODE": "2",
        "OMPI_MCA_rmaps_base_oversubscribe": "0",  // which launch/environment sets, and which lets any slot do
      ]
    }

    private func hosts() throws -> String {
      try writeAtomically("localhost slots=1\n192.0.2.7 slots=1\n".utf8, to: directory("hosts"))
      return directory("hosts")
    }

    /// What mpirun runs in the place of ssh.
    private func agent(_ script: String) throws -> [String: String] {
      try writeAtomically("#!/bin/sh\n\(script)\n".utf8, to: directory("agent"))
      chmod(directory("agent"), 0o755)
      return ["OMPI_MCA_plm_rsh_agent": directory("agent")]
    }

    private func start(_ arguments: [String], _ environment: [String: String]) throws -> RunningProcess {
      try RunningProcess(builtProgram, run.arguments + arguments, environment: environment)
    }
  }
}

/// Of each rank of a run the cores that it may use, as the kernel lists them.
private func coresOfRanks(_ output: String) throws -> [String] {
  try directoryEntries("/proc").compactMap { process in
    let isRank = kernelText(process, "environ").contains("OMPI_COMM_WORLD_RANK=")
    return Int(process) != nil && isRank && kernelText(process, "cmdline").contains(output)
      ? allowedCores(process) : nil
  }
}

private func allowedCores(_ process: String) -> String? {
  kernelText(process, "status").split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }.map(String.init)
}

private func kernelText(_ process: String, _ file: String) -> String {
  String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/\(file)") ?? Data(), as: UTF8.self)
}
