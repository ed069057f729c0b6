/// What is wrong with an MP3's frames, which must follow each other: the library looks for the next one wherever it does not find it,
/// in whatever stands there, and says so on the terminal.
///
/// What may stand before them is an ID3v2 tag, and zeros; behind them an ID3v1 or APE tag. The last frame may be cut off.
///
/// - Returns: nil for frames without a gap.
func mpegFault(_ bytes: UnsafeRawBufferPointer) -> SoundError? {
  var place = tagEnd(bytes)
  while place < bytes.count, bytes[place] == 0 { place += 1 }
  var count = 0
  while place < bytes.count, let length = frameLength(bytes, at: place) {
    place += length
    count += 1
  }
  guard count > 0 else { return .damaged(.mp3, "no frame where the first should be") }
  let rest = bytes[min(place, bytes.count)...]
  let isTag =
    ["TAG", "APETAGEX", "ID3", "LYRICS"].contains { rest.starts(with: $0.utf8) } || rest.allSatisfy { $0 == 0 }
  return isTag ? nil : .damaged(.mp3, "no frame where one should be, \(rest.count) bytes before the end")
}

/// Where an ID3v2 tag ends; 0 where there is none.
private func tagEnd(_ bytes: UnsafeRawBufferPointer) -> Int {
  guard bytes.count >= 10, bytes.starts(with: "ID3".utf8) else { return 0 }
  let size = (6..<10).reduce(0) { $0 << 7 | Int(bytes[$1] & 0x7F) }
  return 10 + size + (bytes[5] & 0x10 != 0 ? 10 : 0)
}

/// Bytes of the frame of layer III whose header is here; nil where there is none, or one of a free bit rate.
private func frameLength(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Int? {
  guard place + 4 <= bytes.count, bytes[place] == 0xFF, bytes[place + 1] & 0xE6 == 0xE2 else { return nil }
  let version = Int(bytes[place + 1] >> 3 & 3)  // 0: 2.5, 2: 2, 3: 1
  let (rateCode, frequencyCode) = (Int(bytes[place + 2] >> 4), Int(bytes[place + 2] >> 2 & 3))
  guard version != 1, (1..<15).contains(rateCode), frequencyCode < 3 else { return nil }
  let kilobits =
    version == 3
    ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
  let frequency = [44_100, 48_000, 32_000][frequencyCode] / (version == 3 ? 1 : version == 2 ? 2 : 4)
  let padding = Int(bytes[place + 2] >> 1 & 1)
  return (version == 3 ? 144 : 72) * kilobits[rateCode - 1] * 1000 / frequency + padding
}
