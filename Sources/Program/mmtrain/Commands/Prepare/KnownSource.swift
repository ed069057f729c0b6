internal import Catalogue
internal import Files
internal import Launching
internal import Preparation
internal import Reporting

/// A data set of which there is a manifest, and where it is to lie.
struct KnownSource {
  let manifest: SourceManifest
  /// The data set to make.
  let output: String
  /// Where its files come to lie.
  let downloads: String

  /// - Parameters:
  ///   - output: nil takes `prepared/NAME`.
  ///   - downloads: nil takes `downloads/NAME` beside the output.
  init(_ manifest: SourceManifest, output: String?, downloads: String?) {
    self.manifest = manifest
    self.output = output ?? "prepared/\(manifest.name)"
    let parent = parentDirectory(of: self.output)
    self.downloads = downloads ?? (parent == "." ? "" : parent + "/") + "downloads/\(manifest.name)"
  }

  /// Says under which terms the data may be used, and what to cite.
  func sayTerms(_ progress: ProgressOutput) {
    let reporter = ProgressReporter(title: "", unit: "", total: nil, output: progress)
    for (name, text) in [("licence", manifest.licence), ("cite", manifest.citation)] {
      guard let text else { continue }
      reporter.note(wrapped("\(name): \(text)", width: 110).joined(separator: "\n  "))
    }
  }

  /// Fetches what is missing of its files, and says so.
  func fetch(_ progress: ProgressOutput) throws -> FetchedSource {
    guard manifest.isFetchable else { throw mustBeObtained }
    let reporter = ProgressReporter(title: "", unit: "", total: nil, output: progress)
    let size = manifest.size.map { ", \(sizeInWords($0))" } ?? ""
    reporter.note(
      "\(manifest.name): \(manifest.files.count) files\(size), in \(printable(downloads)); what is missing there is fetched"
    )
    LastWords.set("stopped; what has come is kept in \(printable(downloads)): the same command goes on from there")
    return try SourceFetch(manifest, into: downloads, output: progress).run(preparing: output)
  }

  /// The request with what the manifest says about its data.
  func described(_ request: PreparationRequest) -> PreparationRequest {
    var request = request
    request.name = manifest.name
    request.licence = manifest.licence
    let expected = manifest.expected
    request.expectations = DataSetExpectations(
      photos: expected.photos, captions: expected.captions, captionsPerPhoto: expected.captionsPerPhoto,
      splits: expected.splits.map { .init(name: $0.name, photos: $0.photos) })
    return request
  }

  private var mustBeObtained: CatalogueError {
    let command = "mmtrain prepare \(manifest.name) --archive FILE [--captions FILE]"
    let advice = wrapped(manifest.obtain ?? "", width: 110) + ["", "Then: \(command)"]
    return .mustBeObtained(name: manifest.name, advice: advice.joined(separator: "\n"))
  }
}
