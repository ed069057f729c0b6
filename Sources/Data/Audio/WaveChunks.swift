/// What is wrong with a WAV file's own account of its length, which the library passes over in silence: it reads what is there.
///
/// - Returns: nil where the samples are all there, or where the file does not say how many it has, as those of programs that
///   write to a pipe.
func waveFault(_ bytes: UnsafeRawBufferPointer) -> SoundError? {
  var place = 12
  var wideLength: Int?
  while place + 8 <= bytes.count {
    let name = bytes[place..<(place + 4)]
    let length = number(in: bytes, at: place + 4, size: 4)
    // RF64 keeps the length of the data by itself, in eight bytes.
    if name.elementsEqual("ds64".utf8), place + 24 <= bytes.count {
      wideLength = number(in: bytes, at: place + 16, size: 7)
    }
    if name.elementsEqual("data".utf8) {
      if length == 0, place + 8 == bytes.count { return .noLength(.wav) }
      let stated = (1..<0x7FFF_F000).contains(length) ? length : wideLength ?? 0
      return place + 8 + stated > bytes.count ? .truncated(.wav) : nil
    }
    place += 8 + length + length % 2
  }
  return nil
}

/// A little-endian number that lies within the bytes.
private func number(in bytes: UnsafeRawBufferPointer, at place: Int, size: Int) -> Int {
  (0..<size).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
}
