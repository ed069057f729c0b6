public import Archives
internal import Files

/// What is to be made into a prepared data set, and how.
public struct PreparationRequest: Sendable {
  /// Where the photos are.
  public enum Source: Equatable, Sendable {
    /// A zip or tar archive, which is read where it lies, or a gzipped tar, which is unpacked beside the output first.
    case archive(path: String)
    /// A folder, searched with all that is below it.
    case folder(path: String)
    /// Archives, folders and single caption files that together are the source: photos in one, captions in another.
    case archives([String])

    /// Where it is one folder.
    var folder: String? {
      switch self {
      case .folder(let path), .archive(let path): isDirectory(path) ? path : nil
      case .archives: nil
      }
    }
  }

  /// What decides the splits.
  public enum SplitChoice: Equatable, Sendable {
    /// A file that says which photo is in which split, or a folder with such lists.
    case file(String)
    /// The folders of the photos: `train/`, `val/`, `test/`.
    case folders
    /// A seeded hash of the photos' bytes.
    case hash(SplitHash)

    /// What is hashed with, where a hash decides: seed 0 and a tenth each where nothing is said.
    static func hash(of choice: SplitChoice?) -> SplitHash {
      if case .hash(let hash) = choice { hash } else { SplitHash() }
    }
  }

  /// Where the set's tokenizer comes from.
  public enum TokenizerChoice: Equatable, Sendable {
    /// A byte-level BPE of at most this many tokens, trained on the captions of the training split.
    case train(vocabularySize: Int)
    /// The content of a `tokenizer.json`; `path` is for messages.
    case given(json: [UInt8], path: String)
  }

  public var source: Source
  /// How names in archives are read that are not UTF-8; nil guesses, with a word in the report.
  public var nameEncoding: NameEncoding?
  /// The directory to make; it must not exist.
  public var output: String
  /// What the set is called; nil takes the name of the source (of several, of the first) without its extension.
  public var name: String?
  /// Caption files, which may lie outside the source; several are read as one. None looks for them in the source.
  public var captions: [String] = []
  /// How tables of captions are to be read, where they do not tell themselves.
  public var captionTable = CaptionTableChoice()
  /// Files of questions, which may lie outside the source, and of the answers to them. None looks for them in the source.
  public var questions: [String] = []
  public var annotations: [String] = []
  /// Takes questions without answers, as in the test sets of challenges.
  public var hasNoAnnotations = false
  /// Files of boxes with phrases, which may lie outside the source.
  public var boxes: [String] = []
  /// Region features: tables, folders with an `.npz` a photo, single `.npz` files, all on the disk.
  public var regions: [String] = []
  /// What the columns of tables are, and the tables that are meant; none looks for those with all these columns in the
  /// source.
  public var columns: ColumnRoles?
  public var tables: [String] = []
  /// What decides the splits; nil lets the captions, lists among the source's files and its folders say it, and else a hash.
  public var splits: SplitChoice?
  /// The share of unfit photos, of unfit captions and of unfit pairs that is still accepted.
  public var maximumBadFraction = 0.001
  /// The largest photo, in millions of pixels.
  public var maximumMegapixels = 50
  /// Takes truncated or damaged photos, what is missing of them becoming grey.
  public var acceptsDamagedPhotos = false
  /// Refuses a set in which photos with the same bytes or of one group are in different splits; otherwise that is a
  /// warning.
  public var failsOnLeaks = false
  public var tokenizer = TokenizerChoice.train(vocabularySize: 8192)
  /// Words for the manifest: under which terms the data may be used.
  public var licence: String?
  /// What the archive's SHA-256 must be, where that is known. For one archive; what makes up several is to be checked
  /// file by file before.
  public var expectedDigest: String?
  /// What the set is known to hold, where it is a known set; differences become warnings.
  public var expectations: DataSetExpectations?
  /// What each archive expands to in bytes, where that is known: one that expands to more than three times that is
  /// refused.
  public var expectedBytes: Int?
  /// Threads that decode photos.
  public var threads: Int
  /// A shard that has reached this many bytes is closed.
  public var shardBytes = 256 << 20

  /// A request with all choices at their defaults.
  public init(source: Source, output: String, threads: Int) {
    self.source = source
    self.output = output
    self.threads = threads
  }
}

/// How far the preparation is.
public struct PreparationProgress: Equatable, Sendable {
  /// What is being done, in this order.
  public enum Stage: String, Sendable {
    case opening = "opening the source"
    case unpacking = "unpacking the archive"
    case checking = "checking"
    case checkingRegions = "checking regions"
    case writing = "writing shards"
    case tokenizing = "making the tokenizer"
  }

  public var stage: Stage
  /// Steps done, of `total`, in the stage's unit.
  public var done: Int
  public var total: Int
  /// What samples are made of, one of them.
  var subject = "photo"

  /// For people.
  public var title: String { stage.rawValue + (stage == .checking ? " \(subject)s" : "") }

  /// What `done` and `total` count, in the singular; nil for the stages that are one step each.
  public var unit: String? {
    switch stage {
    case .checking, .checkingRegions, .writing: subject
    case .unpacking: "megabyte"
    case .opening, .tokenizing: nil
    }
  }
}
