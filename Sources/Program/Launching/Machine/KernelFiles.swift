/// What /proc/cpuinfo tells.
package struct ProcessorInformation {
  package let name: String
  /// In the order of `interesting`.
  package let features: [String]

  private static let interesting = [
    "avx", "f16c", "fma", "avx2", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "avx_vnni", "avx512_vnni",
    "amx_tile", "amx_bf16", "asimd", "sve", "bf16",
  ]

  package init(_ text: String) {
    let flags = (value(of: "flags", in: text) ?? value(of: "Features", in: text) ?? "").split(separator: " ")
    name = value(of: "model name", in: text) ?? "unknown"
    features = Self.interesting.filter { flags.contains(Substring($0)) }
  }
}

/// What /proc/meminfo tells, in bytes.
package struct MemoryInformation {
  package let total: Int
  package let available: Int

  package init(_ text: String) {
    func bytes(_ name: String) -> Int {
      let number = value(of: name, in: text)?.split(separator: " ").first
      return (number.flatMap { Int($0) } ?? 0) * 1024
    }
    total = bytes("MemTotal")
    available = bytes("MemAvailable")
  }
}

/// Cores' worth of time in cgroup v2's `cpu.max` ("200000 100000" is 2), nil for no limit ("max 100000").
package func parseCoreQuota(_ text: String) -> Double? {
  let parts = text.split { $0 == " " || $0 == "\n" }
  guard parts.count == 2, let quota = Double(parts[0]), let period = Double(parts[1]), quota > 0, period > 0
  else { return nil }
  return quota / period
}

/// The numbers in a kernel list such as "0-3,8".
package func processorNumbers(_ list: String) -> [Int] {
  list.split(separator: ",").flatMap { part -> [Int] in
    let ends = part.split(separator: "-").compactMap { Int($0) }
    guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 20 else { return [] }
    return Array(first...last)
  }
}

/// The first value of `name: value` in a text of lines.
package func value(of name: String, in text: String) -> String? {
  for line in text.split(separator: "\n") {
    guard let colon = line.firstIndex(of: ":") else { continue }
    guard trimmed(line[..<colon]) == name else { continue }
    return trimmed(line[line.index(after: colon)...])
  }
  return nil
}

private func trimmed(_ text: Substring) -> String {
  let start = text.drop { $0 == " " || $0 == "\t" }
  guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
  return String(start[...last])
}
