import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// `launch/slurm.sbatch` on two real ranks. Slurm is made up: its variables, the signal that it sends to the batch
  /// script alone, and a `scontrol` that writes down what it is told.
  @Suite struct SlurmScriptTests {
    private let directory: TemporaryDirectory
    private var run: TinyRun

    init() throws {
      directory = try TemporaryDirectory()
      run = TinyRun.long(data: try Workshop.open().data, output: directory("run"))
      try makeDirectory(directory("bin"))
      for name in ["scontrol", "srun"] {
        try writeAtomically(
          "#!/bin/sh\necho \(name) \"$@\" >> '\(directory("said"))'\n".utf8, to: directory("bin/" + name))
        chmod(directory("bin/" + name), 0o755)
      }
      try writeAtomically([], to: directory("said"))
    }

    /// The time is nearly over twice; then the job comes to its end.
    @Test func aJobGoesBackIntoTheQueueUntilItIsDone() throws {
      for (start, step) in [4, 12].enumerated() {
        let job = try job(restarts: start)
        try wait(forStep: step, of: run.output, job)
        job.send(SIGUSR1)
        let result = try job.wait()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("stopped and saved: back into the queue"), "\(result.errors)")
        let said = String(decoding: try readFile(directory("said")), as: UTF8.self)
        #expect(said == String(repeating: "scontrol requeue 7\n", count: start + 1))
      }
      let result = try job(restarts: 2).wait()
      #expect(result.status == 0 && result.errors.contains("ended with 0"), "\(result.errors)")
      #expect(try stepLines(of: run.output).map(\.step) == Array(1...run.steps))
    }

    /// The same command eleven times; every step is done once, and the last start ends.
    @Test mutating func aJobThatIsQueuedAgainTenTimesEnds() throws {
      run = TinyRun(
        model: .clip, data: run.data, output: run.output, steps: 3000, settings: ["checkpoint.every_steps=1000"])
      for start in 0..<10 {
        let job = try job(restarts: start)
        try wait(forStep: (try stepLines(of: run.output).last?.step ?? 0) + 1, of: run.output, job)
        job.send(SIGUSR1)
        let result = try job.wait()
        #expect(result.errors.contains("stopped and saved: back into the queue"), "\(result.errors)")
      }
      let said = String(decoding: try readFile(directory("said")), as: UTF8.self)
      #expect(said == String(repeating: "scontrol requeue 7\n", count: 10))
      let result = try job(restarts: 10).wait()
      #expect(result.status == 0 && result.errors.contains("ended with 0"), "\(result.errors)")
      #expect(try stepLines(of: run.output).map(\.step) == Array(1...run.steps))
      let lines = String(decoding: try readFile(run.output + "/metrics.jsonl"), as: UTF8.self)
      #expect(lines.components(separatedBy: "{\"event\":\"step\"").count == run.steps + 1, "no step was done twice")
    }

    @Test func anErrorIsNotQueuedAgain() throws {
      let result = try job(restarts: 0, "--set", "seed=x").wait()
      #expect(result.status == 78 && result.errors.contains("ended with 78"), "\(result.errors)")
      #expect(try readFile(directory("said")).isEmpty)
    }

    private func job(restarts: Int, _ more: String...) throws -> RunningProcess {
      let host = ProcessInfo.processInfo.hostName
      return try RunningProcess(
        "/usr/bin/env", ["bash", repositoryRoot + "/launch/slurm.sbatch"] + run.arguments.dropFirst() + more,
        environment: [
          "PATH": directory("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? ""), "MMTRAIN": builtProgram,
          "SLURM_JOB_ID": "7", "SLURM_JOBID": "7", "SLURM_NTASKS": "2", "SLURM_CPUS_PER_TASK": "1",
          "SLURM_JOB_NUM_NODES": "1", "SLURM_NNODES": "1", "SLURM_JOB_NODELIST": host, "SLURM_NODELIST": host,
          "SLURM_TASKS_PER_NODE": "2", "SLURM_PROCID": "0", "SLURM_RESTART_COUNT": String(restarts),
        ])
    }
  }
}
