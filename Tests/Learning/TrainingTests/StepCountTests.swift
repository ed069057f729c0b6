import Collectives
import Configuration
import Layers
import Models
import TensorEngine
import Testing
import Training

/// A warm training step is held by what can be counted, never by its seconds.
@Suite struct StepCountTests {
  private func configuration(_ settings: String...) throws -> RunConfiguration {
    try RunConfiguration(
      file: nil,
      settings: (["model.name=clip", "batch.global=6", "schedule.warmup_steps=0"] + settings)
        .map { ConfigurationSetting($0) })
  }

  private func counts(
    _ configuration: RunConfiguration, ranks: Int, threads: Int = 1, steps: Int = 1, captionLengths: [Int] = [5, 9, 16]
  ) throws -> [StepCounts] {
    try InProcessCommunicator.run(ranks: ranks) { communicator in
      try measureStep(
        configuration, on: .random(captionLengths: captionLengths), threads: threads, steps: steps, isPadded: false,
        communicator: communicator
      ).counts
    }
  }

  @Test(arguments: [1, 2], ["clip", "vilt"])
  func aWarmStepAllocatesNothing(ranks: Int, model: String) throws {
    for count in try counts(configuration("model.name=\(model)"), ranks: ranks, threads: 2, steps: 3) {
      #expect(count.systemAllocations == 0)
    }
  }

  /// Every objective of a model in which text and image meet from the start.
  @Test(
    arguments: [1, 2],
    [
      ("uniter", "features,distribution"), ("uniter", "classes"), ("vilbert", "distribution"), ("vilt", "pixels"),
    ])
  func aWarmStepOfHiddenRegionsAllocatesNothing(ranks: Int, learnt: (model: String, kinds: String)) throws {
    let kinds = learnt.kinds.split(separator: ",").map { "objective.masked_regions.\($0)=1" }
    let settings =
      ["model.name=\(learnt.model)", "batch.global=6", "schedule.warmup_steps=0", "objective.alignment=0.1"] + kinds
      + (learnt.model == "vilt" ? [] : ["model.regions.width=12", "model.regions.limit=5"])
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    for count in try counts(configuration, ranks: ranks, threads: 2, steps: 3) {
      #expect(count.systemAllocations == 0)
    }
  }

  /// Joins, with all that they can learn of words and cells.
  static let joins = [
    "fusion early masked_text alignment masked_regions.pixels", "fusion late",
    "fusion bottleneck masked_text alignment masked_regions.pixels",
    "cross-attention both masked_text alignment masked_regions.features masked_regions.pixels",
    "cross-attention image_to_text masked_regions.features masked_regions.pixels",
    "cross-attention text_to_image masked_text",
    "mmbert - masked_text alignment masked_regions.features masked_regions.pixels",
    "vilbert vit masked_text alignment masked_regions.features masked_regions.pixels",
  ]

  @Test(arguments: joins) func aWarmStepOfAJoinAllocatesNothing(join: String) throws {
    let words = join.split(separator: " ")
    let form =
      switch words[0] {
      case "fusion": ["model.fusion.kind=\(words[1])"]
      case "cross-attention": ["model.fusion.direction=\(words[1])", "model.text.causal=false"]
      case "mmbert": [String]()
      default: ["model.vision.encoder=\(words[1])"]
      }
    let settings =
      ["model.name=\(words[0])", "batch.global=6", "schedule.warmup_steps=0"] + form
      + words.dropFirst(2).map { "objective.\($0)=1" }
      // As much is hidden in every step, and all texts are as long, so that steps are of one size.
      + (words.contains("masked_text") ? ["objective.masked_share=0.999"] : [])
      + (words.contains { $0.contains("regions.") } ? ["objective.masked_regions.share=0.999"] : [])
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    for count in try counts(configuration, ranks: 1, threads: 2, steps: 3, captionLengths: [9]) {
      #expect(count.systemAllocations == 0)
    }
  }

  /// The task's own loss is what is measured: without it nothing would be multiplied.
  @Test(arguments: [1, 2]) func aWarmStepOfCaptionsAllocatesNothing(ranks: Int) throws {
    let configuration = try configuration("model.name=blip", "task.name=captioning")
    for count in try counts(configuration, ranks: ranks, threads: 2, steps: 3) {
      #expect(count.systemAllocations == 0)
      #expect(count.matrixProducts > 100)
    }
  }

  @Test(arguments: ["classification", "answering", "grounding"])
  func aTaskOfOtherDataIsNotMeasuredOnRandomPairs(task: String) throws {
    let label = task == "classification" ? ["task.label=kind"] : []
    let settings = ["model.name=clip", "batch.global=6", "schedule.warmup_steps=0", "task.name=\(task)"] + label
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    let error = #expect(throws: TrainingError.self) { try counts(configuration, ranks: 1) }
    #expect(error?.description.contains("--data") == true)
  }

  @Test(.enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512"), arguments: [1, 2])
  func aWarmStepCompilesNothing(threads: Int) throws {
    let count = try counts(configuration("precision=bf16"), ranks: 1, threads: threads, steps: 3)[0]
    #expect(count.compiledProducts == 0)
    #expect(count.systemAllocations == 0)
  }

  /// Every linear layer has a product forward and two backward: four such layers a block, a projection a tower; the patches
  /// have none for the pixels; the contrastive loss has two sides, whose logits are computed again in the backward pass.
  @Test(arguments: ["fp32", "bf16"].filter { Precision(rawValue: $0)?.isSupported == true })
  func productsAreThoseOfTheModel(precision: String) throws {
    let configuration = try configuration("precision=\(precision)")
    let towers = try #require(configuration.benchmarkModel() as? CLIPConfiguration)
    let expected = 3 * (4 * (towers.vision.layers + towers.text.layers) + 2) + 2 + 2 * 4
    #expect(try counts(configuration, ranks: 1)[0].matrixProducts == expected)
    #expect(try counts(configuration, ranks: 1, steps: 4)[0].matrixProducts == 4 * expected)
    for count in try counts(configuration, ranks: 2) { #expect(count.matrixProducts == expected) }
  }

  /// Features of both kinds go to all ranks and their gradients come back; gradients are summed, new weights shared; of
  /// the loss, its one part and the norm a number each.
  @Test(arguments: [2, 3])
  func ranksExchangeWhatTheModelSays(ranks: Int) throws {
    let configuration = try configuration()
    let model = try #require(configuration.benchmarkModel() as? CLIPConfiguration)
    let builder = ParameterBuilder()
    _ = model.make(builder)
    let arena = 4 * ParameterArena.requiredCounts(builder).learnt
    let features = 4 * 6 * model.embeddingWidth
    let expected = 2 * arena + 2 * (features + features) + 8 * (2 + 1)
    for count in try counts(configuration, ranks: ranks) { #expect(count.communicatedBytes == expected) }
  }
}
