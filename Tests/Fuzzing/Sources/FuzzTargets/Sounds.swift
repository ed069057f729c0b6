internal import Audio

/// Passes the gate of a sound, decodes it, and makes rows of its bands.
func readSound(_ bytes: UnsafeRawBufferPointer) throws {
  var limits = SoundLimits()
  limits.maximumFrames = 1 << 16  // long sound takes time, and finds nothing that a short one does not
  limits.maximumSamples = 1 << 18
  let header = try readSoundHeader(bytes, limits: limits)
  try require(header.rate >= 1000 && header.channels > 0, "a sound has a rate and channels")
  let sound = try decodeSound(bytes, limits: limits)
  try require(
    !sound.samples.isEmpty && sound.samples.count <= limits.maximumFrames, "a sound has as many samples as may be")
  // The filters of an odd rate take long to make.
  guard 44_100 % sound.rate == 0 || sound.rate % 16_000 == 0 || 16_000 % sound.rate == 0 else { return }
  let rows = ClipReader(.bands(.ast)).evaluation(sound)
  try require(rows.frames > 0 && rows.values.allSatisfy(\.isFinite), "the bands of a sound are numbers")
}
