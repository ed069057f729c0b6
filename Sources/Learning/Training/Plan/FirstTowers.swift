internal import Audio
internal import Configuration
internal import Images
internal import Layers
internal import Models
internal import Pretrained
internal import Tokenization

/// The towers that a run begins from, with what comes with them.
struct FirstTowers {
  private let image: ImageTowerDirectory?
  private let audio: ImageTowerDirectory?
  private let text: TextTowerDirectory?

  init(_ paths: TowerPaths) throws {
    image = try paths.vision.map { try ImageTowerDirectory(path: $0) }
    audio = try paths.audio.map { try ImageTowerDirectory(path: $0, of: .audio) }
    text = try paths.text.map { try TextTowerDirectory(path: $0) }
  }

  /// What the model is made of.
  var found: FoundTowers {
    var found = FoundTowers()
    found.picture = image?.description as? any PictureTowerDescription
    found.audio = audio?.description as? any ClipTowerDescription
    (found.text, found.textLimit) = (text?.description, text?.limit)
    return found
  }

  var tokenizer: (json: [UInt8], tokenizer: any Tokenizer)? { text.map { ($0.tokenizerJSON, $0.tokenizer) } }
  var preprocessing: Preprocessing? { image?.preprocessing }
  var clips: AudioPreprocessing? { audio?.clips }
  var remarks: [String] { (image?.remarks ?? []) + (audio?.remarks ?? []) + (text?.remarks ?? []) }

  /// Throws where the weights do not have the names and shapes of the towers.
  func requireFittingWeights(_ description: any ModelDescription) throws {
    guard !weights.isEmpty else { return }
    let builder = ParameterBuilder()
    _ = description.make(builder)
    let slices = builder.parameters.flatMap(\.slices)
    for weights in weights { try weights.check(slices, at: description.place(of: weights.side)) }
  }

  var weights: [TowerWeights] { [image?.weights, audio?.weights, text?.weights].compactMap(\.self) }
}
