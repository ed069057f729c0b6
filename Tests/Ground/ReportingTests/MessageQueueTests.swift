import Foundation
import Reporting
import Testing

@Suite struct MessageQueueTests {
  /// A pipe holds 64 KiB; what comes then waits, and whoever says it does not.
  @Test func nobodyWaitsForAReaderWhoStoppedReading() throws {
    let pipe = Pipe()
    var queue = MessageQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let lines = (0..<20_000).map { "line \($0)\n" }
    let start = monotonicSeconds()
    for line in lines { queue.add(line.utf8) }
    #expect(monotonicSeconds() - start < 2, "one wait of 0.2 s, not one a line")
    #expect(try text(of: pipe, flushing: &queue) == lines.joined())
  }

  @Test func whatFindsNoRoomIsCountedAndTold() throws {
    let pipe = Pipe()
    var queue = MessageQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let line = String(repeating: "x", count: 1023) + "\n"
    let (said, fits) = (2000, MessageQueue.limit / line.utf8.count)
    for _ in 0..<said { queue.add(line.utf8) }
    let text = try text(of: pipe, flushing: &queue)
    let read = text.split(separator: "\n").count { $0.count == 1023 }
    #expect(fits...(fits + 64) ~= read, "what waits, and the 64 KiB of a pipe")
    #expect(text.hasSuffix("(\(said - read) lines are left out here: nobody was reading)\n"))
  }

  @Test func aReaderWhoHasLeftIsNoReasonToStop() {
    signal(SIGPIPE, SIG_IGN)
    let pipe = Pipe()
    var queue = MessageQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    try? pipe.fileHandleForReading.close()
    for _ in 0..<100 { queue.add(String(repeating: "x", count: 100_000).utf8) }
    queue.flush(seconds: 1)
  }

  /// Reads until everything has come.
  private func text(of pipe: Pipe, flushing queue: inout MessageQueue) throws -> String {
    let (reading, found) = (pipe.fileHandleForReading, Found())
    let thread = Thread { found.set((try? reading.readToEnd()) ?? Data()) }
    thread.start()
    queue.flush(seconds: 20)
    try pipe.fileHandleForWriting.close()
    return String(decoding: found.wait(), as: UTF8.self)
  }
}

private final class Found: @unchecked Sendable {
  // Sendable: written once before the signal, read once after it.
  private var data = Data()
  private let done = DispatchSemaphore(value: 0)

  func set(_ data: Data) {
    self.data = data
    done.signal()
  }

  func wait() -> Data {
    done.wait()
    return data
  }
}
