internal import Layers
internal import TensorEngine

/// The heads of pre-training: masked words, masked regions, and whether image and text belong together.
struct ViLBERTPretrainingHeads {
  let maskedText: MaskedTextHead
  let maskedRegions: MaskedRegionHead
  /// Logit 0 says that they belong together.
  let alignment: Linear

  init(
    _ configuration: ViLBERTConfiguration, _ sizes: ViLBERTConfiguration.PretrainingSizes, tokenEmbedding: Parameter,
    _ builder: ParameterBuilder
  ) {
    let (words, deviation) = (configuration.words, BERTConfiguration.deviation)
    maskedText = MaskedTextHead(
      inputs: words.width, norm: nil, tokenEmbedding: tokenEmbedding, epsilon: words.epsilon, names: .bert,
      deviation: deviation, builder["predictions"])
    maskedRegions = MaskedRegionHead(
      width: configuration.vision.width, targets: sizes.toldNumbers, activation: words.activation,
      epsilon: words.epsilon, deviation: deviation, builder["imagePredictions"])
    alignment = Linear(
      builder, "bi_seq_relationship", inputs: configuration.width, outputs: 2, keepsFloat32: true,
      standardDeviation: deviation)
  }
}

/// The heads of the tasks that the 12-in-1 model was fine-tuned for.
struct ViLBERTTaskHeads {
  let vqa: AnswerHead
  let gqa: AnswerHead
  /// Of two images with one text: their pooled states side by side.
  let binary: AnswerHead
  let alignment: Linear
  let entailment: Linear
  let regions: Linear
  let words: Linear

  init(
    _ configuration: ViLBERTConfiguration, _ answers: ViLBERTConfiguration.AnswerCounts, _ builder: ParameterBuilder
  ) {
    let width = configuration.width
    let answer = { (name: String, inputs: Int, outputs: Int) in
      AnswerHead(
        inputs: inputs, width: 2 * width, outputs: outputs, epsilon: configuration.words.epsilon,
        deviation: BERTConfiguration.deviation, builder[name + ".logit_fc"])
    }
    let linear = { (name: String, inputs: Int, outputs: Int) in
      Linear(
        builder, name, inputs: inputs, outputs: outputs, keepsFloat32: true,
        standardDeviation: BERTConfiguration.deviation)
    }
    vqa = answer("vil_prediction", width, answers.vqa)
    gqa = answer("vil_prediction_gqa", width, answers.gqa)
    binary = answer("vil_binary_prediction", 2 * width, 2)
    alignment = linear("vil_logit", width, 1)
    entailment = linear("vil_tri_prediction", width, 3)
    regions = linear("vision_logit", configuration.vision.width, 1)
    words = linear("linguisic_logit", configuration.words.width, 1)  // spelling is theirs
  }
}
