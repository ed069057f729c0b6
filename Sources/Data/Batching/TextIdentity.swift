/// A number that captions share when they say the same: letter case and runs of white space make no difference. Two
/// different texts share one with probability 2⁻⁶⁴.
public func textIdentity(_ text: String) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
  func take(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  for word in text.lowercased().unicodeScalars.split(whereSeparator: { $0.properties.isWhitespace }) {
    for byte in String(word).utf8 { take(byte) }
    take(0x20)
  }
  return mix(hash)
}
