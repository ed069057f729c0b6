internal import Models

/// The README.md of a checkpoint: what it is, what it was trained on, how to use it.
func modelCard(
  _ description: ModelDescription, parameterCount: Int, data: String, step: Int,
  results: [(name: String, value: String)]
) -> [UInt8] {
  let measured = results.map { "| \($0.name) | \($0.value) |\n" }.joined()
  let usage =
    description.name == "clip"
    ? """
    It is a Hugging Face `CLIPModel` directory:

    ```python
    from transformers import CLIPModel
    model = CLIPModel.from_pretrained("this directory")
    ```
    """
    : """
    Its towers have the keys of Hugging Face's `CLIPModel`; the fusion layers and the matching head are mmtrain's own
    (docs/models/cross-attention.md).
    """
  return Array(
    """
    ---
    library_name: mmtrain
    pipeline_tag: zero-shot-image-classification
    ---
    # \(description.name), step \(step)

    An image–text model of \(parameterCount) parameters, trained with mmtrain on \(data).

    \(sizes(description))

    \(measured.isEmpty ? "" : "| measured on validation | |\n|---|---|\n" + measured + "\n")\(usage)

    `mmtrain evaluate --checkpoint DIR --data DATA --split test` measures it; `mmtrain inspect DIR` lists what it holds.
    Files: `model.safetensors` (weights), `config.json`, `tokenizer.json`, `preprocessor_config.json`,
    `training_state/` (what a run needs to go on).

    """.utf8)
}

private func sizes(_ description: ModelDescription) -> String {
  let text = description.text
  let vision = description.transformers?.vision
  func cell(_ value: Int?) -> String { value.map { "\($0)" } ?? "–" }
  return """
    | | image tower | text tower |
    |---|---|---|
    | width | \(cell(vision?.width)) | \(text.width) |
    | layers | \(cell(vision?.layers)) | \(text.layers) |
    | heads | \(cell(vision?.heads)) | \(text.heads) |
    | input | \(description.imageSize) pixels\(vision.map { ", patches of \($0.patchSize)" } ?? "") | \
    \(text.contextLength) tokens of \(text.vocabularySize) |
    """
}
