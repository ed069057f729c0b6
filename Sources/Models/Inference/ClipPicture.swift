internal import Audio
public import Batching
internal import Images

extension PhotoCollection {
  /// What a page shows of a clip: how loud each band is in time, which goes to the right; high tones stand above, and what is loud is bright.
  /// - Parameter width: most pixels of it.
  /// - Returns: nil for a clip that is gone or cannot be read.
  public func clipPicture(at place: Int, width: Int) -> Thumbnail? {
    var found: Thumbnail?
    try? withBytes(at: place) { found = try picture($0, width: width) }
    return found
  }
}

/// The first ten seconds.
private func picture(_ bytes: UnsafeRawBufferPointer, width: Int) throws -> Thumbnail {
  let rows = ClipReader(.bands(.ast)).evaluation(try decodeSound(bytes))
  let (low, high) = (rows.values.min() ?? 0, rows.values.max() ?? 0)
  let (frames, bands) = (max(rows.frames, 1), rows.bands)
  var image = Image(width: frames, height: bands)
  for (place, value) in rows.values.enumerated() where value.isFinite && high > low {
    let level = UInt8((255 * (value - low) / (high - low)).rounded())
    let pixel = 3 * ((bands - 1 - place % bands) * frames + place / bands)
    for channel in 0..<3 { image.pixels[pixel + channel] = level }
  }
  let small = resize(image, width: min(width, max(frames, 32)), height: 96, filter: .bilinear)
  return Thumbnail(jpeg: try encodeJPEG(small, quality: 82), width: small.width, height: small.height)
}
