public import Audio
internal import Checkpoints
internal import Files
public import Images
public import Models
internal import Settings
public import Tokenization

/// A tower of pictures, or of clips, on disk, as the library that trained it wrote it. Everything but its weights is read when this is
/// made.
public struct ImageTowerDirectory {
  public let description: any ImageTowerDescription
  /// How pictures are prepared for it; nil where it hears clips.
  public let preprocessing: Preprocessing?
  /// How clips become rows for it; nil where it sees pictures.
  public let clips: AudioPreprocessing?
  public let weights: TowerWeights
  /// What was taken for granted, a sentence each.
  public let remarks: [String]

  /// - Parameters:
  ///   - path: a directory, or a `.safetensors` file, perhaps with other files beside it.
  ///   - modality: what it must read, `image` or `audio`.
  /// - Throws: `PretrainedError`, `SettingsError`, the errors of reading.
  public init(path: String, of modality: Modality = .image) throws {
    let directory = try towerDirectory(of: path)
    let set = try SafetensorsSet(path: weightsPath(at: path))
    var remarks: [String] = []
    var description: any ImageTowerDescription
    var begun: (any ClipTowerDescription)?
    if let file = try configuration(in: directory) {
      begun = modality == .audio ? try TowerCatalogue.clips(ofPictures: file) : nil
      description = try begun ?? TowerCatalogue.image(file)
    } else {
      guard let found = TowerCatalogue.image(shapes: set.shapes, of: modality) else {
        let names = modality == .audio ? TowerCatalogue.audioNames : TowerCatalogue.imageNames
        throw PretrainedError.badModel(
          path: path,
          problem:
            "no config.json, and the names of the weights are no \(modality.rawValue) tower's that mmtrain knows: "
            + names.joined(separator: ", "))
      }
      description = found.description
      remarks.append("\(lastComponent(of: path)) has no config.json: its weights are \(type(of: description).title)'s")
    }
    if begun != nil {
      remarks.append("the weights of \(lastComponent(of: path)) were made for pictures: they begin a tower of clips")
    }
    guard description.images.modality == modality else {
      throw PretrainedError.badModel(
        path: path,
        problem: "\(type(of: description).title) reads \(description.images.words), and is named as a tower of "
          + (modality == .audio ? "clips; name it with initialize.vision" : "photos; name it with initialize.audio"))
    }
    try requireSound(description, path)
    let published = begun.map { type(of: $0).pictureKeys } ?? type(of: description).publishedKeys
    weights = try TowerWeights(set, of: type(of: description), modality, among: published)
    if var pooled = description as? any PoolerTowerDescription, !weights.has(type(of: pooled).poolerParameter) {
      pooled.hasPooler = false
      description = pooled
    }
    let pictures = description as? any PictureTowerDescription
    preprocessing = try pictures.map { try preparation(of: $0, in: directory, &remarks) }
    let clips = description as? any ClipTowerDescription
    // How pictures were prepared says nothing of clips.
    self.clips = try clips.map {
      begun == nil ? try clipPreparation(of: $0, in: directory, &remarks) : $0.usualClips
    }
    (self.description, self.remarks) = (description, remarks)
  }
}

/// A text tower on disk, with its tokenizer.
public struct TextTowerDirectory {
  public let description: any TextTowerDescription
  public let tokenizer: any Tokenizer
  public let tokenizerJSON: [UInt8]
  /// Most tokens of a text, as whoever trained the tower has cut them; nil where nobody says.
  public let limit: Int?
  public let weights: TowerWeights
  /// What its directory says beside the sizes, a sentence each.
  public let remarks: [String]

  /// - Parameter path: a directory of transformers' or sentence-transformers' making.
  /// - Throws: as `ImageTowerDirectory`, and `TokenizerError`.
  public init(path: String) throws {
    let directory = try towerDirectory(of: path)
    let sentence = try SentenceModules(in: directory)
    let inner = sentence.map { $0.transformer.isEmpty ? directory : directory + "/" + $0.transformer } ?? directory
    guard let file = try configuration(in: inner) else { throw PretrainedError.noConfiguration(path: inner) }
    var tower = try TowerCatalogue.text(file)
    let set = try SafetensorsSet(path: weightsPath(at: inner))
    weights = try TowerWeights(set, of: type(of: tower), .text, among: type(of: tower).publishedKeys)
    if let pooling = sentence?.pooling { tower.pooling = pooling }
    try requireSound(tower, inner)
    tokenizer = try loadTokenizer(directory: inner) { name in
      let path = inner + "/" + name
      return fileExists(path) ? try readFile(path, limit: 64 << 20) : nil
    }
    tokenizerJSON = try tokenizer.huggingFaceJSON()
    guard tokenizer.vocabularySize <= tower.text.vocabularySize else {
      throw PretrainedError.badModel(
        path: inner,
        problem: "its tokenizer has \(tokenizer.vocabularySize) tokens, the tower has embeddings for "
          + "\(tower.text.vocabularySize); put the tower's own tokenizer there")
    }
    (description, limit) = (tower, sentence?.limit)
    remarks = [sentence?.remark(directory)].compactMap(\.self)
  }
}

private func towerDirectory(of path: String) throws -> String {
  guard fileExists(path) else { throw FileError.missing(path: path) }
  return isDirectory(path) ? path : parentDirectory(of: path)
}

private func configuration(in directory: String) throws -> Settings? {
  let path = directory + "/config.json"
  return fileExists(path) ? try Settings(json: readFile(path, limit: 1 << 20), file: path) : nil
}

private func requireSound(_ tower: any TowerDescription, _ path: String) throws {
  if let flaw = tower.flaw { throw PretrainedError.badModel(path: path, problem: flaw) }
}

/// What a directory says of its pictures; where it says nothing, what the tower's kind was trained on.
private func preparation(
  of tower: any PictureTowerDescription, in directory: String, _ remarks: inout [String]
) throws -> Preprocessing {
  if let stated = try statedPreparation(in: directory) { return stated.resized(to: tower.imageSize) }
  remarks.append(
    "\(directory) has no preprocessor_config.json: photos are prepared as \(type(of: tower).title) was trained")
  return tower.usualPreprocessing
}

/// The same of clips.
private func clipPreparation(
  of tower: any ClipTowerDescription, in directory: String, _ remarks: inout [String]
) throws -> AudioPreprocessing {
  if let stated = try statedClipPreparation(in: directory, usual: tower.usualClips) { return stated }
  remarks.append(
    "\(directory) has no preprocessor_config.json: clips are prepared as \(type(of: tower).title) was trained")
  return tower.usualClips
}

extension SafetensorsSet {
  fileprivate var shapes: [String: [Int]] {
    Dictionary(entries.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
  }
}
