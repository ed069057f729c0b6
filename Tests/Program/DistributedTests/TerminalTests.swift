import Files
import Foundation
import TestSupport
import Testing

extension UnderMPIRun {
  /// Ctrl-C at a real terminal: `script` opens one and gives it to the program.
  @Suite(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/script"), "there is no `script` here"))
  struct TerminalTests {
    private let directory: TemporaryDirectory
    private let run: TinyRun

    init() throws {
      directory = try TemporaryDirectory()
      run = TinyRun.long(data: try Workshop.open().data, output: directory("run"))
    }

    @Test func oneInterruptSavesAndStops() throws {
      let terminal = try Terminal(run.arguments + ["--ranks", "2"], directory)
      try wait(forStep: 3, of: run.output, terminal.process)
      try terminal.pressControlC()
      let result = try terminal.process.wait()
      #expect(result.status == 75, "\(result.output)")
      #expect(result.output.contains("stopped on request at step "), "\(result.output)")
      #expect(!result.output.contains("-----"), "\(result.output)")
    }

    /// The ranks rest too, and the run ends as if it had not rested.
    @Test func aPauseIsOneOfAllRanks() throws {
      let terminal = try Terminal(run.arguments + ["--ranks", "2"], directory)
      try wait(forStep: 3, of: run.output, terminal.process)
      let pids = try processes(naming: run.output).filter { $0.isRank }.map(\.number)
      try terminal.press(0x1A)
      let deadline = Date(timeIntervalSinceNow: 10)
      while !pids.allSatisfy(isStopped), Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
      let step = try stepLines(of: run.output).last?.step
      Thread.sleep(forTimeInterval: 1)
      #expect(pids.count == 2 && pids.allSatisfy(isStopped))
      #expect(try stepLines(of: run.output).last?.step == step)
      for pid in try processes(naming: run.output).filter({ !$0.isRank }) { kill(pid.number, SIGCONT) }
      let result = try terminal.process.wait()
      #expect(result.status == 0, "\(result.output)")
      #expect(try stepLines(of: run.output).map(\.step) == Array(1...run.steps))
    }

    /// The second one comes while the first cannot be answered; the checkpoint before both stays whole.
    @Test func twoInterruptsEndAtOnce() throws {
      let terminal = try Terminal(run.arguments + ["--ranks", "2"], directory)
      try wait(forStep: 5, of: run.output, terminal.process)
      let pids = try processes(naming: run.output).filter { $0.isRank }
      #expect(pids.count == 2)
      for pid in pids { kill(pid.number, SIGSTOP) }
      try terminal.pressControlC()
      Thread.sleep(forTimeInterval: 0.5)
      try terminal.pressControlC()
      let result = try terminal.process.wait(timeout: 5)
      #expect(result.status == 130, "\(result.output)")
      #expect(result.output.contains("ended at once, as asked; the same command goes on from the checkpoint of step "))
      #expect(try processes(naming: run.output).isEmpty)
      let again = try Ranks(2).run(run.arguments)
      #expect(again.status == 0, "\(again.errors)")
    }
  }
}

/// A program with a terminal of its own, and somebody at the keyboard.
private struct Terminal {
  let process: RunningProcess
  private let keyboard: FileHandle

  init(_ arguments: [String], _ directory: TemporaryDirectory) throws {
    let keys = directory("keys")
    guard mkfifo(keys, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
    let command = ([builtProgram] + arguments).map { "'\($0)'" }.joined(separator: " ")
    process = try RunningProcess(
      "/bin/sh", ["-c", "exec script -qefc \"exec \(command)\" /dev/null < '\(keys)'"])
    keyboard = try FileHandle(forWritingTo: URL(filePath: keys))
  }

  func pressControlC() throws { try press(3) }

  func press(_ key: UInt8) throws { try keyboard.write(contentsOf: [key]) }
}

private func isStopped(_ process: Int32) -> Bool {
  (try? readProc("/proc/\(process)/stat"))?.split(separator: ")").last?.hasPrefix(" T") == true
}

private func processes(naming text: String) throws -> [(number: Int32, isRank: Bool)] {
  try directoryEntries("/proc").compactMap { name in
    guard let number = Int32(name), let words = try? readProc("/proc/\(name)/cmdline"), words.contains(text) else {
      return nil
    }
    return (number, (try? readProc("/proc/\(name)/environ"))?.contains("OMPI_COMM_WORLD_RANK=") == true)
  }
}

private func readProc(_ path: String) throws -> String {
  let file = try FileHandle(forReadingFrom: URL(filePath: path))
  return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
}
