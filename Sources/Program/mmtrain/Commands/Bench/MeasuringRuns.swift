internal import Collectives
internal import Foundation
internal import Reporting
internal import Training

/// The JSON document among what a measuring run said: mpirun and warnings may have spoken before and after.
func document<Value: Decodable>(_ type: Value.Type, _ output: String) throws -> Value {
  let lines = output.split(separator: "\n")
  guard let first = lines.firstIndex(where: { $0.hasPrefix("{") }),
    let last = lines.lastIndex(where: { $0.hasSuffix("}") }), first <= last
  else { throw UnreadableOutput(output: output) }
  return try JSONDecoder().decode(type, from: Data(lines[first...last].joined(separator: "\n").utf8))
}

/// How gradients are summed between machines.
struct SummingWay {
  let name: String
  let wire: WireFormat
  let overlaps: Bool

  static let all = [
    SummingWay(name: "fp32", wire: .fp32, overlaps: false),
    SummingWay(name: "fp32, overlapped", wire: .fp32, overlaps: true),
    SummingWay(name: "bf16 on the wire", wire: .bf16, overlaps: false),
    SummingWay(name: "bf16, overlapped", wire: .bf16, overlaps: true),
  ]
}

extension ScalingModel {
  /// - Parameters:
  ///   - alone: one machine by itself.
  ///   - memory: of its ranks.
  init(_ alone: StepMeasurement, memory: LinkCost) {
    self.init(
      computeSeconds: alone.gradientSeconds, optimizerSeconds: alone.updateSeconds,
      gradientBytes: Double(alone.gradientBytes), featureBytes: Double(4 * alone.embeddingWidth),
      pairsPerNode: Double(alone.batch), memory: memory)
  }
}

/// What `bench allreduce --json` prints.
struct Transfers: Decodable {
  struct Row: Decodable {
    let bytes: Double
    let arena: Time
    let links: Time?
  }
  struct Time: Decodable {
    let bestMilliseconds: Double
    let medianMilliseconds: Double
    var best: Double { bestMilliseconds / 1000 }
    var median: Double { medianMilliseconds / 1000 }
    enum CodingKeys: String, CodingKey {
      case bestMilliseconds = "best_ms"
      case medianMilliseconds = "median_ms"
    }
  }
  let sizes: [Row]

  /// Sums of these sizes between two ranks.
  static func arguments(_ sizes: String) -> [String] {
    ["bench", "allreduce", "--sizes", sizes, "--repetitions", "10", "--json"]
  }

  /// Sizes whose sums tell what a message costs, and what a byte does, within a node: large ones that no cache holds, as gradients
  /// are, and small ones.
  static let nodeSizes = "4k,16k,64,128"
  /// The same between nodes.
  static let networkSizes = "4k,64k,1,16,64"
  /// The same on a real network: a message's price, and that of bytes in lengths as gradients have; between them lie what buffers
  /// swallow and let go of later.
  static let hostSizes = "4k,16,64"

  /// - Throws: `UnreadableOutput` where they do not tell.
  static func nodeCost(_ output: String) throws -> LinkCost {
    try cost(output) { TimedTransfer(messages: 2, bytes: 4 * $0.bytes, seconds: $0.arena.best) }
  }

  static func networkCost(_ output: String) throws -> LinkCost {
    try cost(output) { TimedTransfer(messages: 1, bytes: $0.bytes / 2, seconds: ($0.links ?? $0.arena).best) }
  }

  /// Of whole sums between two machines of one rank, as steps make them: what a byte costs is then what it costs the machines too,
  /// which copy and add it while nothing else happens.
  static func hostCost(_ output: String) throws -> LinkCost {
    try cost(output) { row in
      let buckets = (row.bytes / Double(GradientBuckets.usualBytes)).rounded(.up)
      let isShort = row.bytes < 524_288  // 256 KiB a share
      // A comparison, then two transfers of each bucket, a barrier before each where it is long.
      return TimedTransfer(messages: 1 + buckets * (isShort ? 2 : 4), bytes: row.bytes, seconds: row.arena.median)
    }
  }

  private static func cost(_ output: String, _ transfer: (Row) -> TimedTransfer) throws -> LinkCost {
    let transfers = try document(Transfers.self, output).sizes.map(transfer)
    guard let cost = LinkCost(fitting: transfers) else { throw UnreadableOutput(output: output) }
    return cost
  }
}

/// A run that ended well printed no figures that can be used.
struct UnreadableOutput: ReportableError {
  let output: String

  var exitCode: ExitCode { .internalError }
  var description: String {
    "a measuring run printed no usable figures, but: \(printable(output, limit: 400)); run the command again"
  }
}
