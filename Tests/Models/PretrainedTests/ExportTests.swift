import Checkpoints
import Files
import Foundation
import Images
import Layers
import Models
import Pretrained
import Reporting
import TestSupport
import Testing

extension Preprocessing {
  fileprivate func with(_ change: (inout Preprocessing) -> Void) -> Preprocessing {
    var other = self
    change(&other)
    return other
  }
}

/// A model that goes out in either format comes back with the same bits.
@Suite struct ExportTests {
  @Test(arguments: LayoutGoldenTests.forms, ExportFormat.allCases)
  func whatGoesOutComesBack(form: String, format: ExportFormat) throws {
    let place = try TemporaryDirectory()
    let source = try ModelDirectory(path: "\(goldenDirectory)/layouts/\(form)")
    let report = try exportModel(source, as: format, to: place("out"))
    let exported = try ModelDirectory(path: place("out"))
    // Each library rounds the middle of a picture in its own way.
    var preprocessing = exported.preprocessing
    preprocessing.centring = source.preprocessing.centring
    #expect(preprocessing == source.preprocessing && exported.tokenizerJSON == source.tokenizerJSON)
    let (first, second) = (LoadedModel(source.description), LoadedModel(exported.description))
    try source.loadWeights(into: first.arena)
    let loading = try exported.loadWeights(into: second.arena)
    #expect(first.hasWeights(of: second))
    let losesBias = first.model.logitBias != nil && format == .huggingFace
    let movesMiddle = exported.preprocessing.centring != source.preprocessing.centring
    #expect(report.notes.count == (losesBias ? 1 : 0) + (movesMiddle ? 1 : 0), "\(report.notes)")
    #expect(report.notes.contains { $0.contains("between two pixels") } == movesMiddle)
    #expect(loading.unused.isEmpty && report.parameters == first.arena.parameterCount)
    let towers = [first, second].map { ($0.model.description as? CLIPConfiguration)?.text.activation }
    #expect(towers[0] == towers[1])
  }

  /// What open_clip has no setting for: each is refused, with the library that has one.
  @Test(
    arguments: [
      ("Lanczos", Preprocessing.clip(imageSize: 32).with { $0.filter = .lanczos }, "lanczos"),
      ("a crop", Preprocessing.clip(imageSize: 32).with { $0.resizeSize = 36 }, "to 36 first"),
    ])
  func picturesThatOpenCLIPWouldMakeOtherwise(what: String, preprocessing: Preprocessing, words: String) throws {
    let place = try copy("hugging-face-fp64")
    try writeAtomically(preprocessing.huggingFaceJSON(), to: place("preprocessor_config.json"))
    try expectRefusal(by: .openCLIP, place, words)
    _ = try exportModel(ModelDirectory(path: place.path), as: .huggingFace, to: place("theirs"))
    var read = try ModelDirectory(path: place("theirs")).preprocessing
    read.centring = preprocessing.centring
    #expect(read == preprocessing)
  }

  /// open_clip pools where the largest id stands: words behind the end token would take its place there.
  @Test func textsThatOpenCLIPWouldPoolElsewhere() throws {
    let place = try copy("hugging-face-added-words", words: 2)
    try expectRefusal(by: .openCLIP, place, "pools at 63, and its tokenizer has ids up to 65")
    let model = try ModelDirectory(path: place.path)
    _ = try exportModel(model, as: .huggingFace, to: place("theirs"))
    #expect(try ModelDirectory(path: place("theirs")).description.texts.endToken == 63)
  }

  /// A model that pools at the largest id, whatever it is, is open_clip's as it is.
  @Test func textsThatOpenCLIPPoolsAlike() throws {
    let form = "hugging-face-added-words-legacy-eos"
    let place = try copy(form, words: 2)
    _ = try exportModel(ModelDirectory(path: place.path), as: .openCLIP, to: place("theirs"))
    let exported = try ModelDirectory(path: place("theirs"))
    let model = LoadedModel(exported.description)
    try exported.loadWeights(into: model.arena)
    let golden = try GoldenFile("layouts/\(form)/golden.safetensors")
    let logits = try model.logits(
      pixels: golden.array("pixel_values"), ids: golden.integers("input_ids").map(Int32.init))
    #expect(difference(logits, try golden.floats("logits"), relative: 0, floor: 1e-3) == nil)
  }

  private func expectRefusal(by format: ExportFormat, _ place: TemporaryDirectory, _ words: String) throws {
    let error = #expect(throws: PretrainedError.self) {
      try exportModel(ModelDirectory(path: place.path), as: format, to: place("out"))
    }
    #expect(error?.exitCode == .configuration && !fileExists(place("out")))
    for words in [words, "export it to huggingface"] {
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }

  /// - Parameter words: that its tokenizer has behind the end token.
  private func copy(_ form: String, words: Int = 0) throws -> TemporaryDirectory {
    let place = try TemporaryDirectory()
    let source = "\(goldenDirectory)/layouts/\(form)"
    for name in try directoryEntries(source) { try writeAtomically(readFile(source + "/" + name), to: place(name)) }
    let json = String(decoding: try readFile(place("tokenizer.json")), as: UTF8.self)
    let added = (0..<words).map {
      #"{"id": \#(64 + $0), "content": "<word\#($0)>", "single_word": false, "lstrip": false, "rstrip": false, "#
        + #""normalized": false, "special": false}, "#
    }
    let wider = json.replacingOccurrences(of: #""added_tokens": ["#, with: #""added_tokens": ["# + added.joined())
    #expect(words == 0 || wider != json)
    try writeAtomically(Array(wider.utf8), to: place("tokenizer.json"))
    return place
  }

  @Test func nothingIsWrittenOverWhatIsThere() throws {
    let place = try TemporaryDirectory()
    let source = try ModelDirectory(path: "\(goldenDirectory)/layouts/openai")
    try makeDirectory(place("out"))
    try writeAtomically("mine".utf8, to: place("out/config.json"))
    #expect(throws: (any Error).self) { try exportModel(source, as: .huggingFace, to: place("out")) }
    #expect(try directoryEntries(place("out")) == ["config.json"])
  }

  /// The logits of both libraries from what was exported are those of the library that wrote the model.
  @Test(.enabled(if: python != nil, "set MMTRAIN_PYTHON to a Python with torch, transformers and open_clip"))
  func pythonComputesTheSame() throws {
    let place = try TemporaryDirectory()
    for form in ["openai-fp16", "hugging-face-legacy-eos"] {
      let source = try ModelDirectory(path: "\(goldenDirectory)/layouts/\(form)")
      for format in ExportFormat.allCases {
        let output = place("\(form)-\(format.rawValue)")
        _ = try exportModel(source, as: format, to: output)
        let result = try run(
          try #require(python),
          [goldenDirectory + "/check_export.py", format.rawValue, output, source.path + "/golden.safetensors"])
        print("\(form) as \(format.rawValue): \(result.output)")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
      }
    }
  }

  // MARK: Pairs of encoders

  @Test(arguments: ["vit", "clip"]) func aDualEncoderComesBack(_ name: String) throws {
    let place = try TemporaryDirectory()
    let source = try ModelDirectory(path: "\(goldenDirectory)/dual-encoder-tiny/\(name)")
    #expect(try exportModel(source, as: .huggingFace, to: place("out")).notes.isEmpty)
    let exported = try ModelDirectory(path: place("out"))
    #expect(exported.description.isEqual(to: source.description) && exported.preprocessing == source.preprocessing)
    let models = [LoadedModel(source.description), LoadedModel(exported.description)]
    for (model, directory) in zip(models, [source, exported]) { try directory.loadWeights(into: model.arena) }
    #expect(models[0].hasWeights(of: models[1]))
    guard let python else { return }
    let golden = source.path + "/golden.safetensors"
    let result = try run(python, [goldenDirectory + "/check_dual.py", place("out"), golden])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    print(result.output)
  }

  @Test func aDualEncoderThatTransformersDoesNotHaveIsRefused() throws {
    let place = try TemporaryDirectory()
    let source = "\(goldenDirectory)/dual-encoder-tiny/vit"
    for name in try directoryEntries(source) { try writeAtomically(readFile(source + "/" + name), to: place(name)) }
    var description = try #require(ModelDirectory(path: source).description as? DualEncoderConfiguration)
    description.initialLogitBias = -10
    try writeAtomically(description.json(), to: place("config.json"))
    for (format, words) in [
      (ExportFormat.huggingFace, "it adds a bias to its logits"), (.openCLIP, "open_clip has no"),
    ] {
      let error = #expect(throws: PretrainedError.self) {
        try exportModel(ModelDirectory(path: place.path), as: format, to: place("out"))
      }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      #expect(error?.exitCode == .configuration && !fileExists(place("out")))
    }
  }
}
