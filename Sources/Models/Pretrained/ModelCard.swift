public import Models
internal import Reporting

/// The README.md of a model directory: what it is, where it comes from, how to use it.
public struct ModelCard {
  /// Who is to read the directory.
  public enum Reader: Sendable {
    /// mmtrain, and transformers where it has such a model.
    case mmtrain
    case transformers
    case openCLIP
  }

  public var description: any ModelDescription
  public var parameterCount: Int
  /// What it was made of, for example "trained with mmtrain on flickr30k": the rest of a sentence.
  public var origin: String
  public var title: String
  public var results: [(name: String, value: String)] = []
  /// The same as numbers, for programs.
  public var index: CardIndex?
  /// The hub's name for what the model does; nil where it has none.
  public var pipeline: String? = "zero-shot-image-classification"
  public var reader = Reader.mmtrain
  /// Where the model is that this one is an adapter of; nil for a whole one.
  public var base: String?
  /// What its weights give away of whom, for a model that was trained with differential privacy.
  public var privacy: String?
  /// Markdown that follows, for example the card of the model that this one was made from.
  public var appendix = ""

  public init(_ description: any ModelDescription, parameterCount: Int, title: String, origin: String) {
    (self.description, self.parameterCount) = (description, parameterCount)
    (self.title, self.origin) = (title, origin)
  }

  /// UTF-8.
  public func markdown() -> [UInt8] {
    let measured = results.map { "| \($0.name) | \($0.value) |\n" }.joined()
    return Array(
      """
      ---
      library_name: \(library)
      \(pipeline.map { "pipeline_tag: \($0)\n" } ?? "")\(index?.yaml ?? "")---
      # \(title)

      A model of \(parameterCount) parameters, \(origin).

      \(sizes)

      \(privacy.map { "## Privacy\n\n" + $0 + ". What is measured below tells of other data, and is not covered.\n\n" } ?? "")\
      \(measured.isEmpty ? "" : "| measured on validation | |\n|---|---|\n" + measured + "\n")\(usage)
      \(appendix.isEmpty ? "" : "\n" + appendix + "\n")
      """.utf8)
  }

  /// Of transformers.
  private var classes: (model: String, processor: String) {
    guard let exportable = description as? any ExportableDescription else {
      preconditionFailure("no form of transformers'")
    }
    return exportable.huggingFaceClasses
  }

  private var library: String {
    switch reader {
    case .mmtrain: "mmtrain"
    case .transformers: "transformers"
    case .openCLIP: "open_clip"
    }
  }

  private var usage: String {
    switch reader {
    case .openCLIP:
      """
      ```python
      import open_clip
      model, preprocess = open_clip.create_model_from_pretrained("local-dir:this directory")
      tokenizer = open_clip.get_tokenizer("local-dir:this directory")
      ```
      """
    case .transformers:
      """
      ```python
      from transformers import \(classes.model), \(classes.processor)
      model = \(classes.model).from_pretrained("this directory")
      processor = \(classes.processor).from_pretrained("this directory")
      ```
      """
    case .mmtrain: (base.map(adapterUsage) ?? description.usage) + "\n\n" + files
    }
  }

  private func adapterUsage(_ base: String) -> String {
    """
    These are low-rank updates (LoRA) of the model at `\(printable(base))`, which has to be there; `mmtrain export` merges them.

    ```python
    from peft import PeftModel
    model = PeftModel.from_pretrained(base, "this directory")  # base: that model, as transformers loads it
    ```
    """
  }

  private var files: String {
    """
    `mmtrain evaluate --checkpoint DIR --data DATA --split test` measures it; `mmtrain inspect DIR` lists what it holds.
    Files: `\(base == nil ? "model.safetensors" : Adapter.weightsName)` (weights), `config.json`, `tokenizer.json`, `preprocessor_config.json`,
    `training_state/` (what a run needs to go on).
    """
  }

  private var sizes: String {
    let (vision, text) = (description.towerBlocks(.image), description.towerBlocks(.text))
    func cell(_ value: Int?) -> String { value.map { "\($0)" } ?? "–" }
    return """
      | | image tower | text tower |
      |---|---|---|
      | width | \(cell(vision?.width)) | \(cell(text?.width)) |
      | layers | \(cell(vision?.layers)) | \(cell(text?.layers)) |
      | heads | \(cell(vision?.heads)) | \(cell(text?.heads)) |
      | input | \(description.images.words)\(vision.map { ", \($0.tokens) tokens" } ?? "") | \
      \(description.texts.contextLength) tokens of \(description.texts.vocabularySize) |
      """
  }
}
