/// The towers that there are: the only list of them.
public enum TowerCatalogue {
  /// In the order in which people are told of them.
  public static let images: [any ImageTowerDescription.Type] = [
    CLIPVisionConfiguration.self, ViTConfiguration.self,
  ]
  public static let texts: [any TextTowerDescription.Type] = [
    BERTConfiguration.self, CLIPTextConfiguration.self,
  ]
}
