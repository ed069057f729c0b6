import Checkpoints
import Files
import Images
import Layers
import Models
import Pretrained
import Reporting
import TestSupport
import Testing

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
    #expect(
      first.arena.weights.elementsEqual(second.arena.weights)
        && report.notes.isEmpty == (first.model.towers.logitBias == nil || format == .openCLIP))
    #expect(loading.unused.isEmpty && report.parameters == first.arena.parameterCount)
    #expect(first.model.description.text.activation == second.model.description.text.activation)
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
}
