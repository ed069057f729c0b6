/// Where the weights of a published tower go in a model that has it, or a part of it, perhaps under names of its own.
public struct TowerPlace: Sendable {
  /// What names of parameters begin with in the model, and in the tower instead.
  private let parts: [(model: String, tower: String)]
  /// What names begin with, in the tower, of parameters that files may lack all of: they stay as they are drawn.
  public let optional: [String]
  /// What names begin with of parameters that the model has no place for.
  public let unread: [String]
  /// Tables, by their names in the tower, of which the model may have the first rows alone.
  private let cut: [String]
  /// Whether positions may be brought to pictures of another size than the tower's, or clips of another length.
  public let readsOtherSizes: Bool

  /// - Parameter parts: the first that fits counts.
  init(
    _ parts: [(model: String, tower: String)], optional: [String] = [], unread: [String] = [], cut: [String] = [],
    readsOtherSizes: Bool = false
  ) {
    (self.parts, self.optional, self.unread, self.cut) = (parts, optional, unread, cut)
    self.readsOtherSizes = readsOtherSizes
  }

  /// All of a tower, below a name of its own.
  public static func whole(_ modality: Modality) -> TowerPlace {
    let name =
      switch modality {
      case .image: ImagePlaces.pictures.tower
      case .text: "text_model"
      case .audio: ImagePlaces.clips.tower
      }
    return TowerPlace([(name + ".", "")], readsOtherSizes: modality == .audio)
  }

  /// Of a BERT, perhaps for shorter texts than it was trained on.
  static func ofBERT(
    _ parts: [(model: String, tower: String)], optional: [String] = [], unread: [String] = []
  ) -> TowerPlace {
    TowerPlace(
      parts, optional: optional, unread: unread,
      cut: ["position", "token_type"].map { "embeddings.\($0)_embeddings.weight" })
  }

  /// Of a BERT its words alone.
  static func ofWords(_ name: String) -> TowerPlace { .ofBERT([(name, "embeddings.")], unread: ["encoder."]) }

  /// What a parameter of the model is called in the tower; nil for one that is none of its.
  public func name(inTower parameter: String) -> String? {
    parts.first { parameter.hasPrefix($0.model) }.map { $0.tower + parameter.dropFirst($0.model.count) }
  }

  /// Whether the model may have a table's first rows alone.
  /// - Parameter name: in the tower.
  public func mayBeCut(_ name: String) -> Bool { cut.contains(name) }
}
