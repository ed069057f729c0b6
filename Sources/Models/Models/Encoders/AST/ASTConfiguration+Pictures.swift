public import Settings

/// A transformer of clips that begins from one of pictures (Gong et al., 2021, §2.2): its blocks are that one's, patches are as large and
/// overlap. The authors' own begin from DeiT, which has the same two tokens in front of its patches.
extension ASTConfiguration {
  /// Bands and frames are AudioSet's.
  init(_ pictures: ViTConfiguration) {
    self.init()
    patchSize = pictures.patchSize
    // Smaller patches lie side by side: all of a clip is seen.
    (frequencyStride, timeStride) = (min(frequencyStride, patchSize), min(timeStride, patchSize))
    (width, intermediate) = (pictures.width, pictures.intermediate)
    (layerCount, heads) = (pictures.layerCount, pictures.heads)
    (activation, epsilon, hasInBias) = (pictures.activation, pictures.epsilon, pictures.hasInBias)
  }

  /// A DeiT with its distillation token: no tower of pictures here, and its file has a ViT's keys.
  public static func begun(fromPictures file: Settings) throws(SettingsError) -> ASTConfiguration? {
    guard try file.text("model_type") == "deit" else { return nil }
    return ASTConfiguration(try ViTConfiguration(file))
  }

  /// DeiT's, then those of a ViT, whose class token stands for both.
  public static var pictureKeys: [PublishedKeys] {
    ViTConfiguration.publishedKeys.flatMap { theirs in
      [
        PublishedKeys(
          "DeiT of Hugging Face", prefixes: ["", "deit."], mark: teacherToken,
          unusedPrefixes: theirs.unusedPrefixes + ["cls_classifier.", "distillation_classifier."], tokensOfPictures: 2),
        PublishedKeys(
          theirs.title, prefixes: theirs.prefixes, mark: theirs.mark, unusedPrefixes: theirs.unusedPrefixes,
          tokensOfPictures: 1, replacements: [(teacherToken, "embeddings.cls_token")]),
      ]
    }
  }

  private static var teacherToken: String { "embeddings.distillation_token" }
}
