import Files
import Foundation
import Glibc
import TestSupport
import Testing

/// `serve` as a person meets it: started, asked, stopped.
@Suite struct ServeCommandTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try makeDirectory(directory("runs/one"))
    try writeAtomically(
      Array("{\"event\":\"start\",\"step\":0}\n{\"event\":\"step\",\"step\":1,\"loss\":4}\n".utf8),
      to: directory("runs/one/metrics.jsonl"))
  }

  /// The address that a server prints, when it does.
  private func address(in file: String) throws -> String {
    for _ in 0..<1000 {
      let text = (try? readFile(file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      if text.hasSuffix("\n") { return String(text.dropLast()) }
      usleep(10_000)
    }
    return ""
  }

  @Test(arguments: [SIGINT, SIGTERM]) func itIsAskedAndStopped(_ signal: Int32) throws {
    let printed = directory("printed")
    // A shell starts what runs in its background deaf to SIGINT; exec does not.
    let server = try RunningProcess(
      "/bin/sh", ["-c", "exec '\(Program.path)' serve --runs '\(directory("runs"))' --port 0 > '\(printed)'"])
    let address = try address(in: printed)
    let parts = try #require(address.firstMatch(of: /^http:\/\/127\.0\.0\.1:(\d+)\/\?token=([0-9a-f]{32})$/))
    let page = "http://127.0.0.1:\(parts.1)/runs"
    let asked = try run("/usr/bin/env", ["curl", "-s", "-H", "Authorization: Bearer \(parts.2)", page])
    #expect(asked.output.contains("href=\"/runs/one\""))
    // As a browser does: the cookie is kept, and the address has no token any more.
    let kept = try run(
      "/usr/bin/env", ["curl", "-s", "-L", "-c", directory("cookies"), "-w", "%{url_effective}", address])
    #expect(kept.output.contains("<h1>mmtrain</h1>") && kept.output.hasSuffix("http://127.0.0.1:\(parts.1)/"))
    let refused = try run("/usr/bin/env", ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", page])
    #expect(refused.output == "401")
    // The port is somebody's now.
    let second = try Program.run("serve", "--runs", directory("runs"), "--port", String(parts.1))
    #expect(second.exitCode == 69 && second.errors.contains("in use by another program"))
    server.send(signal)
    let result = try server.wait()
    #expect(
      result.status == 0 && result.errors.hasSuffix("stopped; 4 requests were answered, 1 of them by a refusal\n"))
  }

  @Test func whatCannotBeServedIsToldClearly() throws {
    let runs = directory("runs")
    let noIndex = directory("index.safetensors")
    try writeAtomically("words".utf8, to: noIndex)
    for (arguments, code, words) in [
      ([], 64, "Give --runs, --index or --model"),
      (["--runs", runs, "--port", "70000"], 64, "--port must be from 0 to 65535"),
      (["--runs", runs, "--token", "short"], 64, "--token is of 16 to 200"),
      (["--runs", runs, "--answers", "a"], 64, "give both"),
      (["--runs", runs, "--host", "example.org"], 64, "is no address of this machine"),
      (["--runs", runs, "--port", "0", "--host", "192.0.2.1"], 69, "is no address of this machine"),
      (["--runs", directory("nowhere"), "--port", "0"], 66, "nowhere"),
      (["--index", noIndex, "--port", "0"], 65, "index.safetensors"),
      (["--index", directory("none"), "--port", "0"], 66, "none"),
      (["--model", directory("none"), "--port", "0"], 66, "none"),
    ] as [([String], Int32, String)] {
      let result = try Program.run(Program.path, ["serve"] + arguments)
      #expect(
        result.exitCode == code && result.errors.contains(words), "\(arguments): \(result.exitCode) \(result.errors)")
      #expect(result.output.isEmpty)
    }
  }
}
