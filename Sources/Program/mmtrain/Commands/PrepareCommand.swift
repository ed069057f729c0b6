internal import Archives
internal import ArgumentParser
internal import Batching
internal import Catalogue
internal import Files
internal import FoundationEssentials
internal import Launching
internal import Preparation
internal import Reporting
internal import Tokenization

/// `mmtrain prepare`: archives, photos and captions become a data set that can be trained on.
struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Make a data set for training: fetch a known one, or take an archive or a folder of photos.",
    discussion: """
      mmtrain prepare --list                       the data sets that are known
      mmtrain prepare coco-captions --explain      what would be fetched, and under which terms
      mmtrain prepare coco-captions                fetch it, check it, prepare it as prepared/coco-captions
      mmtrain prepare my-set.yaml                  the same for a manifest of your own (docs/downloads.md)
      mmtrain prepare flickr30k --archive flickr30k.zip
      mmtrain prepare --archive photos.zip --output prepared/photos
      mmtrain prepare --images photos --captions captions.csv --output prepared/photos
      mmtrain prepare --images xrays --columns image=file,label:finding=dx,text:report=note,group=patient --output p
      mmtrain prepare --images photos --questions q.json --annotations a.json --output prepared/vqa
      mmtrain prepare scenes                       drawn here, nothing is fetched
      mmtrain prepare prepared/xrays --drop image=0.5 --output prepared/scarce    a copy in which half of the photos lack
      mmtrain prepare prepared/sounds --template "a sound of {label:sound}" --output prepared/told    a copy with captions of classes

      What breaks off goes on where it stopped when the command is given again. Every photo is decoded once, and a report
      (report.html in the set) says what was left out and why.
      """)

  @Argument(help: ArgumentHelp("A known data set (--list shows them), or a manifest.", valueName: "name"))
  var source: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "An archive (zip, tar, tar.gz) with photos or clips and captions; several count as one.", valueName: "file"))
  var archive: [String] = []

  @Option(help: ArgumentHelp("A folder of photos, or of clips.", valueName: "dir"))
  var images: String?

  @Option(
    help: ArgumentHelp(
      "The caption file, where it is not found by itself; give it several times for files that belong together.",
      valueName: "file"))
  var captions: [String] = []

  @Option(
    help: ArgumentHelp(
      "Columns of photo and captions in a table: names of its heading, or places from 1.",
      valueName: "photo,caption[,…]"))
  var captionColumns: CaptionTableChoice.Columns?

  @Option(help: ArgumentHelp("What stands between a table's fields: comma, tab, semicolon or bar.", valueName: "word"))
  var captionDelimiter: CaptionDelimiter?

  @OptionGroup var others: ColumnOptions

  @Option(
    help: ArgumentHelp(
      "What divides the photos: a file or a folder of lists, “folders” for train/, val/ and test/, or “hash”, as in hash:seed=1,validation=0.1,test=0.3.",
      valueName: "file"), transform: PreparationRequest.SplitChoice.init(word:))
  var splits: PreparationRequest.SplitChoice?

  @Option(help: ArgumentHelp("A tokenizer.json to use instead of one trained on the captions.", valueName: "file"))
  var tokenizer: String?

  @Option(help: ArgumentHelp("Most tokens of a trained tokenizer.", valueName: "n"))
  var vocabularySize = 8192

  @Option(
    help: ArgumentHelp("How to read those names of an archive's files that are not UTF-8.", valueName: "word"))
  var nameEncoding: NameEncoding?

  @Option(help: ArgumentHelp("Share of unfit photos or captions that is accepted.", valueName: "fraction"))
  var maxBadFraction = 0.001

  @Option(help: ArgumentHelp("The largest photo that is taken, in millions of pixels.", valueName: "n"))
  var maxMegapixels = 50

  @Flag(help: "Take truncated or damaged photos; what is missing of them becomes grey.")
  var lenient = false

  @Flag(
    help: "Refuse a set in which copies of a photo, or photos of one group, are in different splits; else a warning.")
  var failOnLeaks = false

  @Option(
    help: ArgumentHelp("The data set to make; must not exist. Of a known one: prepared/NAME.", valueName: "dir"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Where fetched files come to lie, and are looked for first: downloads/NAME beside the output.", valueName: "dir"))
  var downloads: String?

  @OptionGroup(title: "A copy that lacks something, or is told of its classes") var drop: DropOptions

  @Flag(help: "Show the data sets that are known.")
  var list = false

  @Flag(help: "Show what would be fetched, how large it is and under which terms; fetch nothing.")
  var explain = false

  @Flag(help: "Print the report, the list or the explanation as one JSON document.")
  var json = false

  func validate() throws {
    if list { return }
    try drop.validate(beside: self)
    if output?.isEmpty ?? false { throw ValidationError("--output is empty") }
    if downloads?.isEmpty ?? false { throw ValidationError("--downloads is empty") }
    if drop.isAsked { return }
    try validateSource()
    guard (BPETrainer.minimumVocabularySize...1_000_000).contains(vocabularySize) else {
      throw ValidationError("--vocabulary-size must be from \(BPETrainer.minimumVocabularySize) to 1000000")
    }
    guard (1...4000).contains(maxMegapixels) else { throw ValidationError("--max-megapixels must be from 1 to 4000") }
    guard (0...1).contains(maxBadFraction) else { throw ValidationError("--max-bad-fraction must be from 0 to 1") }
    guard nameEncoding == nil || images == nil else {
      throw ValidationError("--name-encoding is for archives; rename the files of a folder, for instance with convmv")
    }
  }

  private func validateSource() throws {
    guard archive.isEmpty || images == nil else {
      throw ValidationError("Give one of --archive and --images, not both")
    }
    let isLocal = !isEmptyHanded
    guard let source else {
      if explain { throw ValidationError("--explain needs the name of a data set, or a manifest") }
      guard isLocal else { throw ValidationError("Give the NAME of a data set, --archive or --images; see --list") }
      guard output != nil else { throw ValidationError("Missing expected argument '--output <dir>'") }
      if downloads != nil { throw ValidationError("--downloads is for data sets that are fetched; none is named") }
      return
    }
    if source == scenesName {
      guard !isLocal, captions.isEmpty, others.isEmpty else {
        throw ValidationError("scenes are drawn; they take no archive, captions or other files")
      }
      return
    }
    if isLocal, downloads != nil {
      throw ValidationError("With --archive or --images nothing is fetched; no --downloads")
    }
    guard !Catalogue.isManifestPath(source) else { return }
    do {
      _ = try Catalogue.manifest(source, others: [scenesName])
    } catch let error as CatalogueError {
      throw ValidationError(error.description)
    }
  }

  func run() throws {
    if list { return try printResult(knownSets(asJSON: json)) }
    if drop.isAsked { return try tell(drop.copy(of: source ?? "", to: output ?? "").make()) }
    let progress = ProgressOutput.standardError(environment: environmentVariable)
    let threads = Machine.current().usableCores
    let report: PreparationReport
    switch source {
    case nil:
      report = try prepareWithProgress(request(local, output: output ?? "", threads: threads), progress)
    case scenesName?:
      if explain { return try printResult(scenesExplained(asJSON: json)) }
      report = try prepareScenes(output: output ?? "prepared/scenes", threads: threads, progress: progress)
    case let name?:
      let known = KnownSource(try Catalogue.manifest(name), output: output, downloads: downloads)
      if explain { return try printResult(known.explained(asJSON: json)) }
      report = try prepare(known, threads: threads, progress)
    }
    try tell(report)
  }

  private func tell(_ report: PreparationReport) throws {
    if json {
      try printResult(String(decoding: report.json(), as: UTF8.self))
    } else {
      try printResult(report.summary(output: output ?? "prepared/\(report.name)"))
    }
  }

  private func prepare(
    _ known: KnownSource, threads: Int, _ progress: ProgressOutput
  ) throws -> PreparationReport {
    guard !fileExists(known.output) else { throw BatchingError.alreadyExists(path: known.output) }
    if known.manifest.isFetchable || !isEmptyHanded { known.sayTerms(progress) }
    guard isEmptyHanded else {
      return try prepareWithProgress(
        known.described(request(local, output: known.output, threads: threads)), progress)
    }
    let fetched = try known.fetch(progress)
    let from =
      fetched.archives.count == 1
      ? PreparationRequest.Source.archive(path: fetched.archives[0]) : .archives(fetched.archives)
    var request = try request(from, output: known.output, threads: threads)
    request.captions = captions.isEmpty ? fetched.captions.map { [$0] } ?? [] : captions
    request.splits = splits ?? fetched.splits.map { .file($0) }
    let report = try prepareWithProgress(known.described(request), progress)
    fetched.release()
    return report
  }

  /// Whether nothing is given to prepare, so that it has to be fetched.
  var isEmptyHanded: Bool { archive.isEmpty && images == nil }

  private var local: PreparationRequest.Source {
    if let images { return .folder(path: images) }
    return archive.count == 1 ? .archive(path: archive[0]) : .archives(archive)
  }

  private func request(
    _ source: PreparationRequest.Source, output: String, threads: Int
  ) throws -> PreparationRequest {
    var request = PreparationRequest(source: source, output: output, threads: threads)
    request.captions = captions
    request.captionTable = CaptionTableChoice(delimiter: captionDelimiter, columns: captionColumns)
    try others.describe(&request)
    request.splits = splits
    request.nameEncoding = nameEncoding
    request.maximumBadFraction = maxBadFraction
    request.maximumMegapixels = maxMegapixels
    request.acceptsDamagedPhotos = lenient
    request.failsOnLeaks = failOnLeaks
    request.tokenizer =
      try tokenizer.map { .given(json: try readFile($0, limit: 64 << 20), path: $0) }
      ?? .train(vocabularySize: vocabularySize)
    return request
  }
}
