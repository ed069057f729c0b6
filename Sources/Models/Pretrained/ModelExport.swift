internal import Checkpoints
internal import Files
internal import Images
internal import Layers
internal import Models
internal import Reporting
internal import Tokenization

/// The library that is to read an exported model.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// The classes of transformers that the description names, for a CLIP `CLIPModel` and `CLIPProcessor`.
  case huggingFace = "huggingface"
  /// `open_clip.create_model_from_pretrained("local-dir:…")`.
  case openCLIP = "open_clip"
}

extension ExportFormat {
  fileprivate var library: String { self == .huggingFace ? "transformers" : "open_clip" }

  /// How the library rounds half a pixel.
  fileprivate var centring: Preprocessing.Centring { self == .huggingFace ? .down : .halfToEven }
}

/// What was written.
public struct ExportReport: Sendable {
  public let parameters: Int
  public let tensors: Int
  /// What the format has no place for, in words; empty where nothing is lost.
  public let notes: [String]
  /// The tensors with NaN or infinite values, where such were allowed.
  public let notFiniteTensors: [String]
}

/// Writes a model as another library keeps it: weights, configuration, tokenizer, preprocessing, model card.
///
/// - Parameters:
///   - output: a directory that is not there yet; it appears whole or not at all.
///   - allowsNotFinite: whether weights may be NaN or infinite.
/// - Throws: `PretrainedError.notExportable`, the errors of reading and writing.
public func exportModel(
  _ source: ModelDirectory, as format: ExportFormat, to output: String, allowsNotFinite: Bool = false
) throws -> ExportReport {
  let description = try exported(source.description, as: format)
  try source.requireFittingWeights()
  let builder = ParameterBuilder()
  let model = source.description.make(builder)
  let arena = ParameterArena(builder)
  let loading = try source.loadWeights(into: arena, allowsNotFinite: allowsNotFinite)
  let layout = format == .huggingFace ? WeightLayout.huggingFace : .openCLIP(textPrefix: "")
  let all = layout.tensors(of: arena)
  let own = source.description.ownPrefixes
  let tensors = all.filter { tensor in !own.contains { tensor.name.hasPrefix($0) } }
  let files = try smallFiles(source, description, format, parameterCount: arena.parameterCount)
  let metadata = [("format", "pt")] + (try privacyTold(of: source.path)).map { ($0.key, $0.value) }
  try makeDirectoryAtomically(output) { staging in
    for (name, bytes) in files { try writeAtomically(bytes, to: staging + "/" + name) }
    let name = format == .huggingFace ? "model.safetensors" : "open_clip_model.safetensors"
    try writeSafetensors(tensors, metadata: metadata, to: staging + "/" + name)
  }
  var notes =
    all.count == tensors.count
    ? [] : ["what the format has no place for is left out: \(own.map { $0 + "*" }.joined(separator: ", "))"]
  if loading.unused.contains(where: { $0.hasPrefix(taskHeadPrefix + ".") }) {
    notes.append("the head of its task stays behind (\(taskHeadPrefix).*), as \(format.library) has no place for it")
    if (source.description as? any AnsweringDescription)?.answerCount != nil {
      notes.append(
        "the head for answers that is written is the one that training began with: the task has one of its own")
    }
  }
  if format == .huggingFace, (model as? any FeatureModel)?.logitBias != nil {
    notes.append("logit_bias is in the file, but transformers does not use it")
  }
  if source.preprocessing.fit == .shortest, source.preprocessing.centring != format.centring {
    notes.append(
      "where the middle of a photo lies between two pixels, \(format.library) may cut it out a pixel beside where this "
        + "model did")
  }
  return withExtendedLifetime((arena, model)) {
    ExportReport(
      parameters: tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }, tensors: tensors.count,
      notes: notes, notFiniteTensors: loading.notFinite)
  }
}

/// The part of a model that the format has a place for.
private func exported(_ description: any ModelDescription, as format: ExportFormat) throws -> any ModelDescription {
  let exportable = description as? any ExportableDescription
  let form: (any ModelDescription)? =
    format == .huggingFace ? exportable?.huggingFaceForm : exportable?.openCLIPForm
  guard let form else {
    let reason = format == .huggingFace ? exportable?.huggingFaceObstacle : nil
    let isOthers = format == .huggingFace ? exportable?.openCLIPForm != nil : exportable?.huggingFaceForm != nil
    let other = ExportFormat.allCases.first { $0 != format && isOthers }
    throw PretrainedError.notExportable(
      what: "\(format.library) has no such \(description.name)" + (reason.map { ": \($0)" } ?? "")
        + (other.map { "; export it to \($0.rawValue)" } ?? ""))
  }
  return form
}

private func smallFiles(
  _ source: ModelDirectory, _ description: any ModelDescription, _ format: ExportFormat, parameterCount: Int
) throws -> [(name: String, bytes: [UInt8])] {
  var card = ModelCard(
    description, parameterCount: parameterCount, title: lastComponent(of: source.path),
    origin: "exported by mmtrain")
  card.reader = format == .huggingFace ? .transformers : .openCLIP
  card.appendix = sourceCard(source.path)
  let configuration: [(name: String, bytes: [UInt8])]
  switch format {
  case .huggingFace:
    configuration =
      [
        ("config.json", try description.json()),
        (
          "preprocessor_config.json",
          source.shaped?.huggingFaceJSON()
            ?? preprocessorJSON(source.preprocessing, clips: source.clips, of: description)
        ),
      ] + clipPreparationFiles(source.clips, of: description)
  case .openCLIP:
    guard let form = description as? any OpenCLIPDescription else { preconditionFailure("no form of open_clip's") }
    configuration = [
      (
        "open_clip_config.json",
        try openCLIPConfigurationJSON(form, source.preprocessing, tokenizer: source.tokenizer)
      )
    ]
  }
  let common: [(name: String, bytes: [UInt8])] = [
    ("tokenizer.json", source.tokenizerJSON), ("README.md", card.markdown()),
  ]
  return try configuration + common
    + tokenizerSideFiles(source.tokenizer, json: source.tokenizerJSON, contextLength: description.texts.contextLength)
}

/// The card of the model that is exported, as a section; its front matter is left out.
private func sourceCard(_ directory: String) -> String {
  guard let bytes = try? readFile(directory + "/README.md", limit: 1 << 20) else { return "" }
  var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  if lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") { lines.removeFirst(end + 1) }
  return "## The card of the model that was exported\n"
    + lines.map { $0.hasPrefix("#") ? "##" + $0 : $0 }.joined(separator: "\n")
}
