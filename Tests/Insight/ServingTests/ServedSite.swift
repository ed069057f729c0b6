import Files
import Foundation
import Serving
import Synchronization
import TestSupport

/// A site on a port of its own for as long as the object lives.
final class ServedSite: Sendable {
  static let token = "a-token-for-tests"
  let port: Int
  let server: Server
  private let isStopped = Atomic<Bool>(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  init(
    runs: String? = nil, search: PhotoSearch? = nil, predictions: ModelPredictions? = nil,
    limits: ServerLimits = ServedSite.hasty
  ) throws {
    let listener = try Listener(host: "127.0.0.1", port: 0)
    port = listener.port
    let token = AccessToken(Self.token) ?? .drawn()
    let site = try Site(AccessGate(token, at: listener), runs: runs, search: search, predictions: predictions)
    server = Server(listener, site, limits)
    Thread.detachNewThread { [self] in
      server.run(patience: 2) { isStopped.load(ordering: .relaxed) }
      hasEnded.signal()
    }
  }

  /// Limits that tests need not wait for long.
  static var hasty: ServerLimits {
    var limits = ServerLimits()
    (limits.idleSeconds, limits.headSeconds, limits.bodySeconds, limits.answerSeconds) = (3, 1, 3, 5)
    return limits
  }

  /// Waits until nothing is served any more.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    hasEnded.wait()
  }

  // MARK: Asking

  /// The usual fields of somebody who may ask.
  var fields: String { "Host: 127.0.0.1:\(port)\r\nAuthorization: Bearer \(Self.token)\r\n" }

  /// An answer of a connection that ends after it.
  func get(_ address: String, _ more: String = "", method: String = "GET") throws -> String {
    let client = try TalkingClient(port: port)
    client.say("\(method) \(address) HTTP/1.1\r\n\(fields)Connection: close\r\n\(more)\r\n")
    return client.hearAll()
  }

  /// The answer to a form with a file in it, and fields.
  func post(
    _ address: String, file: (field: String, name: String, bytes: [UInt8])?, _ texts: [String: String] = [:],
    more: String = ""
  ) throws -> String {
    try sending(address, file: file, texts, more: more).hearAll()
  }

  /// Somebody who has sent one and has not heard yet.
  func sending(
    _ address: String, file: (field: String, name: String, bytes: [UInt8])?, _ texts: [String: String] = [:],
    more: String = ""
  )
    throws -> TalkingClient
  {
    var body: [UInt8] = []
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      body += "--b0undary\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(text)\r\n".utf8
    }
    if let file {
      body += "--b0undary\r\nContent-Disposition: form-data; name=\"\(file.field)\"; filename=\"\(file.name)\"\r\n".utf8
      body += Array("Content-Type: application/octet-stream\r\n\r\n".utf8) + file.bytes + Array("\r\n".utf8)
    }
    body += "--b0undary--\r\n".utf8
    let client = try TalkingClient(port: port)
    client.say(
      "POST \(address) HTTP/1.1\r\n\(fields)Connection: close\r\nContent-Type: multipart/form-data; boundary=b0undary\r\n"
        + "Content-Length: \(body.count)\r\n\(more)\r\n")
    client.say(body)
    return client
  }
}

/// Writes a run of a few steps.
func writeRun(_ name: String, in directory: String, losses: [Double] = [4, 3, 2]) throws {
  let steps = losses.enumerated().map { #"{"event":"step","step":\#($0 + 1),"epoch":0,"loss":\#($1)}"# }
  let lines =
    [#"{"event":"start","step":0,"ranks":1}"#] + steps + [#"{"event":"end","complete":true,"seconds":65}"#]
  try makeDirectory(directory + "/" + name)
  try writeAtomically(
    Array(lines.joined(separator: "\n").utf8) + [10], to: directory + "/" + name + "/metrics.jsonl")
}
