internal import ArgumentParser

/// `mmtrain prepare`: archives, photos and captions become a data set that can be trained on.
struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Make a data set for training out of an archive or a folder of photos.",
    discussion: """
      mmtrain prepare flickr30k --output prepared/flickr30k
      mmtrain prepare --archive photos.zip --output prepared/photos
      mmtrain prepare --images photos --captions captions.csv --output prepared/photos

      Downloads are resumed and checked, every photo is opened once, and a report says what was left out and why.
      """)

  @Argument(help: ArgumentHelp("A known data set or a manifest file.", valueName: "name|manifest.yaml"))
  var source: String?

  @Option(help: ArgumentHelp("A zip or tar archive with photos and captions.", valueName: "file"))
  var archive: String?

  @Option(help: ArgumentHelp("A folder of photos.", valueName: "dir"))
  var images: String?

  @Option(help: ArgumentHelp("The caption file, where it is not found by itself.", valueName: "file"))
  var captions: String?

  @Option(help: ArgumentHelp("A file that divides the photos into splits.", valueName: "file"))
  var splits: String?

  @Option(help: ArgumentHelp("The data set to make; must not exist.", valueName: "dir"))
  var output: String

  func validate() throws {
    let given = [source, archive, images].count { $0 != nil }
    guard given == 1 else {
      throw ValidationError("Give one of NAME, --archive and --images; \(given) were given")
    }
    guard !output.isEmpty else { throw ValidationError("--output is empty") }
  }

  func run() throws {
    throw MissingRoom(work: "data preparation")
  }
}
