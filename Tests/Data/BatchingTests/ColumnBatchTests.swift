import Batching
import Images
import Reporting
import Testing
import Tokenization

/// Batches of columns: exactly those that were asked for, the same on any number of ranks.
@Suite struct ColumnBatchTests {
  static let all: ColumnSet = [
    .image, .captions, .questions, .labels("finding"), .text("report"), .boxes, .regions, .group,
  ]

  /// A sample's columns: every third has none of them, and others have several questions and boxes.
  private static func columns(_ number: Int) -> SampleColumns {
    var columns = SampleColumns()
    guard number % 3 != 2 else { return columns }
    columns.questions = (0...number % 4).map { question in
      Question(text: "what \(question) of \(number)?", answers: ["a", "\(question)"], kinds: ["kind": "what"])
    }
    columns.labels = ["finding": number % 2 == 0 ? ["x", "y"] : ["z"], "other": ["no"]]
    columns.texts = ["report": "Report \(number)", "other": "no"]
    columns.boxes = (0...number % 3).map { box in
      PhraseBox(phrase: "thing \(box)", x: 6, y: Double(3 * box), width: 18, height: 9)
    }
    columns.group = "patient \(number % 5)"
    return columns
  }

  private static func regions(_ number: Int) throws -> RegionFeatures? {
    guard number % 3 != 2 else { return nil }
    let count = 1 + number % 2
    return try RegionFeatures(
      features: (0..<2 * count).map { UInt16(0x3C00 + number + $0) },
      boxes: (0..<count).flatMap { _ in [0, 0, 0.5, 1] as [Float] })
  }

  /// - Parameter breaks: gives the photos' bytes another content, so that who decodes one fails.
  static func write(_ path: String, count: Int = 17, breaksPhotos: Bool = false) throws -> PreparedDataSet {
    let writer = try PreparedDataSetWriter(directory: path, description: .init(name: "columns"), shardBytes: 9_000)
    for number in 0..<count {
      let photo = try syntheticJPEG(number)
      try writer.add(
        image: breaksPhotos ? Array(photo.prefix(20)) + [UInt8(number)] : photo, width: 24, height: 18,
        record: SampleRecord(
          key: "k\(100 + number)", fileName: "\(100 + number)", split: "train", captions: ["one", "two"],
          columns: columns(number)),
        regions: regions(number))
    }
    try writer.finish()
    return try PreparedDataSet(path: path)
  }

  /// What a batch says beside its pixels, sample by sample: so that parts of a batch can be laid end to end.
  private static func samples(_ columns: BatchColumns, keys: [String]) -> [String] {
    func texts(_ batch: TextBatch?) -> [[String]] {
      guard let batch else { return keys.map { _ in ["not there"] } }
      var rest = batch.texts[...]
      return batch.counts.map { count in
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).map { ByteTokenizer().decode($0) }
      }
    }
    var questions = (columns.questions?.questions ?? [])[...]
    var edges = (columns.boxes?.edges ?? [])[...]
    let (asked, phrases) = (texts(columns.questions?.texts), texts(columns.boxes?.phrases))
    return keys.indices.map { place in
      let answers = asked[place].map { _ in questions.popFirst()?.answers ?? [] }
      let boxes = phrases[place].map { _ in (0..<4).map { _ in edges.popFirst() ?? -1 } }
      return [
        keys[place], "\(texts(columns.captions)[place])", "\(asked[place])", "\(answers)",
        "\(columns.labels.mapValues { $0[place] })", "\(columns.texts.mapValues { texts($0)[place] })",
        "\(phrases[place])", "\(boxes)", "\(columns.regions?[place]?.features ?? [])",
        "\(columns.groups?[place] ?? "nobody")",
      ].joined(separator: " | ")
    }
  }

  private static func settings(
    _ columns: ColumnSet = all, rank: Int = 0, ranks: Int = 1, shuffle: Bool = true, choice: ValueChoice = .random,
    workers: Int = 2
  ) -> LoaderSettings {
    LoaderSettings(
      columns: columns, columnsOfEachSample: [], contextLength: 77, choice: choice, shuffle: shuffle, globalBatch: 5,
      rank: rank, ranks: ranks, seed: 4, workers: workers)
  }

  private static func said(_ loader: BatchLoader, _ count: Int) throws -> [[String]] {
    try (0..<count).map { _ in
      let batch = try loader.next()
      return samples(batch.columns, keys: batch.keys)
    }
  }

  /// A batch says what the records say: of several questions and boxes one, the first of them here; of a sample that has
  /// nothing, nothing.
  @Test func batchesSayWhatRecordsSay() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let batch = try BatchLoaderTests.loader(set, Self.settings(shuffle: false, choice: .first)).next()
      let columns = batch.columns
      #expect(columns.questions?.texts.counts == [1, 1, 0, 1, 1] && columns.boxes?.phrases.counts == [1, 1, 0, 1, 1])
      let encode = { (text: String) in ByteTokenizer().encode(text) }
      #expect(columns.questions?.texts.texts == [0, 1, 3, 4].map { encode("what 0 of \($0)?") })
      #expect(columns.questions?.questions == [0, 1, 3, 4].map { Self.columns($0).questions[0] })
      #expect(columns.labels == ["finding": [["x", "y"], ["z"], [], ["z"], ["x", "y"]]])
      #expect(columns.texts.keys.sorted() == ["report"] && columns.texts["report"]?.counts == [1, 1, 0, 1, 1])
      #expect(columns.texts["report"]?.identities == [0, 1, 3, 4].map { textIdentity("Report \($0)") })
      #expect(columns.boxes?.edges == [[Float]](repeating: [0.25, 0, 1, 0.5], count: 4).flatMap(\.self))
      #expect(try columns.regions == (0..<5).map { try Self.regions($0) })
      #expect(columns.groups == ["patient 0", "patient 1", nil, "patient 3", "patient 4"])
      #expect(columns.pixels?.count == 5 * 192 && columns.captions?.counts == [1, 1, 1, 1, 1])
    }
  }

  /// No other column than those asked for is there, and photos that nobody asked for are not decoded: these cannot be.
  @Test func nothingElseIsMade() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set", breaksPhotos: true)
      let batch = try BatchLoaderTests.loader(set, Self.settings([.labels("finding"), .group])).next()
      let columns = batch.columns
      #expect(columns.pixels == nil && columns.captions == nil && columns.questions == nil && columns.boxes == nil)
      #expect(columns.regions == nil && columns.texts.isEmpty && columns.labels.count == 1)
      #expect(batch.count == 5 && batch.photoIdentity.count == 5)
      #expect(throws: BatchingError.self) { try BatchLoaderTests.loader(set, Self.settings([.image])).next() }
      let chunk = try #require(try Self.evaluation(set, [.questions]).next())
      #expect(chunk.columns.pixels == nil && chunk.columns.questions?.texts.count == 28)
      #expect(throws: BatchingError.self) { try Self.evaluation(set, [.image, .questions]).next() }
    }
  }

  private static func evaluation(
    _ set: PreparedDataSet, _ columns: ColumnSet, chunk: Int = 17, rank: Int = 0, ranks: Int = 1
  ) throws -> EvaluationLoader {
    try EvaluationLoader(
      dataSet: set, split: "train", columns: columns, tokenizer: ByteTokenizer(), contextLength: 77,
      preprocessing: .clip(imageSize: 8), chunk: chunk, rank: rank, ranks: ranks)
  }

  @Test(arguments: [2, 3]) func ranksShareTheSameColumns(_ ranks: Int) throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let whole = try Self.said(try BatchLoaderTests.loader(set, Self.settings()), 7)
      let parts = try (0..<ranks).map {
        try Self.said(try BatchLoaderTests.loader(set, Self.settings(rank: $0, ranks: ranks, workers: $0)), 7)
      }
      #expect((0..<7).map { step in parts.flatMap { $0[step] } } == whole)
      let evaluated = try (0..<ranks).flatMap { rank in
        var said: [String] = []
        let loader = try Self.evaluation(set, Self.all, chunk: 4, rank: rank, ranks: ranks)
        while let chunk = try loader.next() { said += Self.samples(chunk.columns, keys: chunk.keys) }
        return said
      }
      let chunk = try #require(try Self.evaluation(set, Self.all).next())
      #expect(evaluated == Self.samples(chunk.columns, keys: chunk.keys) && evaluated.count == 17)
      #expect(chunk.columns.questions?.questions.count == 28)
    }
  }

  /// In the middle of the first epoch, at its end, and in the third.
  @Test func goesOnWhereItStopped() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let all = try Self.said(try BatchLoaderTests.loader(set, Self.settings()), 9)
      for start in [1, 2, 3, 7] {
        let position = LoaderPosition(epoch: start / 3, batch: start % 3)
        let rest = try Self.said(try BatchLoaderTests.loader(set, Self.settings(), from: position), 9 - start)
        #expect(rest == Array(all[start...]))
      }
      #expect(Set(all.flatMap(\.self)).count > 30, "each epoch draws anew")
    }
  }

  /// Which columns are asked for changes neither the order nor what is drawn of the others.
  @Test func columnsDrawByThemselves() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let loader = try BatchLoaderTests.loader(set, Self.settings())
      let questions = try BatchLoaderTests.loader(set, Self.settings([.questions]))
      let captions = try BatchLoaderTests.loader(set, BatchLoaderTests.settings())
      for _ in 0..<6 {
        let (batch, asked, stageOne) = try (loader.next(), questions.next(), captions.next())
        #expect(batch.keys == asked.keys && batch.columns.questions == asked.columns.questions)
        #expect(batch.columns.captions == stageOne.columns.captions && batch.keys == stageOne.keys)
        #expect(batch.columns.pixels?.array() == stageOne.columns.pixels?.array())
      }
    }
  }

  /// What each sample must have is refused in words where one lacks it, however the manifest counts.
  @Test func aSampleThatLacksWhatEachMustHave() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      for column in Self.all.columns where column != .image && column != .captions {
        var settings = Self.settings(shuffle: false)
        settings.columnsOfEachSample = [column]
        let error = #expect(throws: BatchingError.self) { try BatchLoaderTests.loader(set, settings).next() }
        #expect(error?.exitCode == .badData)
        #expect(error?.description.contains("k102") == true)
        #expect(error?.description.contains("nothing in the column \(column.name)") == true)
      }
    }
  }

  /// Preparation lets no such box in, but whoever writes a record may: it is named, and nothing is made of it.
  @Test(arguments: [(6.0, 0.0, 19.0, 9.0), (-1, 0, 2, 2), (0, 0, -1, 2), (0, 0, 1e300, 1e300)])
  func aBoxOutsideThePhoto(_ x: Double, _ y: Double, _ width: Double, _ height: Double) throws {
    try withTemporaryDirectory { root in
      let writer = try PreparedDataSetWriter(directory: root + "/set", description: .init(name: "boxes"))
      for number in 0..<5 {
        var columns = Self.columns(0)
        if number == 3 { columns.boxes = [PhraseBox(phrase: "it", x: x, y: y, width: width, height: height)] }
        let record = SampleRecord(key: "k\(number)", fileName: "\(number)", split: "train", columns: columns)
        try writer.add(image: try syntheticJPEG(number), width: 24, height: 18, record: record)
      }
      try writer.finish()
      let loader = try BatchLoaderTests.loader(try PreparedDataSet(path: root + "/set"), Self.settings([.boxes]))
      let error = #expect(throws: BatchingError.self) { try loader.next() }
      #expect(error?.description.contains("sample k3: a box lies outside the photo") == true)
    }
  }
}
