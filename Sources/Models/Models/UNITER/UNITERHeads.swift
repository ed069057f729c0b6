internal import Layers

/// What a UNITER has on its joint states, each where its weights have it.
struct UNITERHeads {
  let maskedText: MaskedTextHead?
  let regionFeatures: RegionRegression?
  let regionClasses: AnswerHead?
  let regionPixels: MaskedRegionHead?
  let matching: Linear?
  let ranking: Linear?
  let answers: AnswerHead?

  /// - Parameters:
  ///   - words: the table of words [V, W].
  ///   - features: of the layer that embeds regions [W, F].
  init(_ configuration: UNITERConfiguration, words: Parameter, features: Parameter, _ builder: ParameterBuilder) {
    let (heads, text, deviation) = (configuration.heads, configuration.text, BERTConfiguration.deviation)
    let perceptron = { (hidden: Int, outputs: Int, builder: ParameterBuilder) in
      AnswerHead(
        inputs: text.width, width: hidden, outputs: outputs, epsilon: text.epsilon, deviation: deviation, builder)
    }
    let linear = { (name: String, outputs: Int) in
      Linear(
        builder, name, inputs: text.width, outputs: outputs, keepsFloat32: true, standardDeviation: deviation)
    }
    maskedText =
      heads.hasMaskedText
      ? MaskedTextHead(
        inputs: text.width, norm: nil, tokenEmbedding: words, epsilon: text.epsilon, names: .bert,
        deviation: deviation, builder["cls.predictions"])
      : nil
    regionFeatures =
      heads.hasRegionFeatures
      ? RegionRegression(embedding: features, epsilon: text.epsilon, deviation: deviation, builder["feat_regress"])
      : nil
    regionClasses = heads.regionClasses.map { perceptron(text.width, $0, builder["region_classifier.net"]) }
    regionPixels = (heads.hasRegionPixels ? configuration.regions.patchSide : nil).map {
      .pixels(width: text.width, side: $0, epsilon: text.epsilon, deviation: deviation, builder)
    }
    matching = heads.hasMatching ? linear("itm_output", 2) : nil
    ranking = heads.hasRanking ? linear("rank_output", 1) : nil
    answers = heads.answers.map { perceptron(2 * text.width, $0, builder["vqa_output"]) }
  }
}
