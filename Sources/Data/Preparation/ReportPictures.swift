internal import Archives
internal import FoundationEssentials
internal import Images

/// Small pictures of the photos that the report speaks of, as the page holds them in itself.
struct ReportPictures {
  /// `data:` addresses by file of the source; a file that decodes not even in part has none.
  private var pictures: [String: String] = [:]

  /// More would make the page heavy.
  static let limit = 240
  /// The longer side, in pixels.
  private static let side = 176

  /// Reads the photos of the first problems and duplicates once more.
  init(_ report: PreparationReport, source: any FileSource) {
    let duplicates = report.duplicates.prefix(ReportPage.shownDuplicates).flatMap { $0.files.prefix(4) }
    let problems = (report.acceptedDamage + report.problems).compactMap(\.file).prefix(ReportPage.shownPhotos)
    for file in (duplicates + problems).prefix(Self.limit) where pictures[file] == nil {
      pictures[file] = Self.picture(file, source)
    }
  }

  subscript(file: String?) -> String? { file.flatMap { pictures[$0] } }

  /// As much of the photo as there is; nil where that is nothing, or too much.
  private static func picture(_ file: String, _ source: any FileSource) -> String? {
    guard let bytes = try? source.read(file) else { return nil }
    var limits = PictureLimits()
    limits.allowTruncated = true
    guard let size = try? bytes.withUnsafeBytes({ try readPictureHeader($0, limits: limits).orientedSize }) else {
      return nil
    }
    let longer = max(size.width, size.height)
    let scale = DecodingScale.allCases.first { longer * Int($0.rawValue) >= side * 8 } ?? .full
    guard let image = try? decodePicture(bytes, limits: limits, atLeast: scale) else { return nil }
    let factor = min(1, Double(side) / Double(max(image.width, image.height)))
    let small = resize(
      image, width: max(1, Int((Double(image.width) * factor).rounded())),
      height: max(1, Int((Double(image.height) * factor).rounded())), filter: .bicubic)
    return (try? encodeJPEG(small, quality: 78)).map { "data:image/jpeg;base64," + Data($0).base64EncodedString() }
  }
}
