internal import Foundation

/// Four significant digits, without a locale.
public func brief(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  let magnitude = value.magnitude
  let digits = magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : magnitude >= 1 ? 3 : 4
  return String(format: "%.\(digits)f", value)
}

/// Fixed decimals without a locale.
public func decimals(_ value: Double, _ count: Int) -> String {
  guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
  let unit = (0..<count).reduce(1.0) { unit, _ in unit * 10 }
  let scaled = Int((value * unit).rounded())
  let whole = scaled.magnitude / UInt(unit)
  let part = scaled.magnitude % UInt(unit)
  let digits = String(part)
  let sign = scaled < 0 ? "-" : ""
  return count == 0
    ? "\(sign)\(whole)" : "\(sign)\(whole)." + String(repeating: "0", count: count - digits.count) + digits
}

/// Whole 10⁶ bytes, or tenths of 10⁹ where there are ten of these.
public func megabytes(_ bytes: Int) -> String {
  bytes < 10_000_000_000 ? "\((bytes + 500_000) / 1_000_000) MB" : "\(gigabytes(bytes)) GB"
}

/// Tenths of 10⁹ bytes.
public func gigabytes(_ bytes: Int) -> String {
  let tenths = (bytes + 50_000_000) / 100_000_000
  return "\(tenths / 10).\(tenths % 10)"
}
