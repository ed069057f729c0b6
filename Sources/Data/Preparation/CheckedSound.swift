internal import Audio
internal import Batching

/// What the look into a clip's bytes has shown.
struct CheckedSound: Sendable {
  let header: SoundHeader
  /// As many as were decoded.
  let frames: Int
  /// SHA-256 of the file.
  let digest: String

  /// Decodes the clip.
  init(_ bytes: [UInt8], digest: String) throws(SoundError) {
    (header, frames) = try bytes.span.bytes.withUnsafeBytes { raw throws(SoundError) in
      (try readSoundHeader(raw), try decodeSound(raw).samples.count)
    }
    self.digest = digest
  }

  /// - Parameter bytes: those that were checked.
  func clip(_ bytes: [UInt8]) -> PreparedClip { PreparedClip(file: bytes, header: header, frames: frames) }
}

/// Why a clip is left out.
struct SoundProblem: Error {
  let kind: Problem.Kind
  let detail: String
}
