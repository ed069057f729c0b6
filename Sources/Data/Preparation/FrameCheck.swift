internal import Archives
internal import Batching
internal import Files
internal import Images
internal import Reporting

/// What the look into a frame behind the first has shown.
struct CheckedFrame: Sendable {
  /// In the source.
  let file: String
  let width: Int
  let height: Int
  /// SHA-256 of the file.
  let digest: String

  /// - Throws: `PreparationError.changed` for a file that is no longer what it was; what the source throws.
  func prepared(_ source: any FileSource) throws -> PreparedFrame {
    let bytes = try source.read(file)
    guard sha256(bytes) == digest else { throw PreparationError.changed(path: file) }
    return PreparedFrame(file: bytes, width: width, height: height)
  }
}

/// Looks into the frames of a video: one that cannot be had takes the whole video with it, which would be another one without it.
struct FrameCheck {
  let source: any FileSource
  let limits: PictureLimits

  /// - Parameter further: the frames behind the first.
  func callAsFunction(_ further: FrameNames) throws -> Result<[CheckedFrame], FrameProblem> {
    let count = further.frames.count + 1
    guard count <= FramePlace.maximumCount else {
      let detail = "it has \(count) frames, and a video may have \(FramePlace.maximumCount); take fewer of a second"
      return .failure(FrameProblem(kind: .tooManyFrames, file: nil, detail: detail))
    }
    var checked: [CheckedFrame] = []
    for (place, frame) in further.frames.enumerated() {
      let which = "frame \(place + 2) of \(count)"
      guard let file = frame.file else {
        let detail = "\(which): there is no picture \(printable(frame.name)), or there are several"
        return .failure(FrameProblem(kind: .missingFrame, file: nil, detail: detail))
      }
      switch try look(into: file) {
      case .success(let frame): checked.append(frame)
      case .failure(let problem):
        return .failure(FrameProblem(kind: problem.kind, file: file, detail: "\(which): \(problem.detail)"))
      }
    }
    return .success(checked)
  }

  private func look(into file: String) throws -> Result<CheckedFrame, FrameProblem> {
    let bytes: [UInt8]
    do {
      bytes = try source.read(file)
    } catch ArchiveError.damaged(_, _, let reason) {
      return .failure(FrameProblem(kind: .damagedInArchive, file: file, detail: "damaged in the archive: \(reason)"))
    }
    do throws(PictureError) {
      var strict = limits
      strict.allowTruncated = false
      let image = try bytes.span.bytes.withUnsafeBytes { raw throws(PictureError) in
        try readPicture(raw, limits: strict).image
      }
      return .success(CheckedFrame(file: file, width: image.width, height: image.height, digest: sha256(bytes)))
    } catch {
      guard let kind = Problem.Kind(error) else { throw error }
      return .failure(FrameProblem(kind: kind, file: file, detail: error.description))
    }
  }
}

/// Why a video is left out.
struct FrameProblem: Error {
  let kind: Problem.Kind
  /// The frame's, where it lies somewhere.
  let file: String?
  let detail: String
}
