import Configuration
import TestSupport
import Testing
import Training

/// What `--dry-run` says of memory comes from steps of which nothing is computed: they ask for what real ones ask for.
@Suite struct StepRehearsalTests {
  /// Pretraining of every model that is made of nothing, with the losses of its recipe.
  @Test(arguments: [
    ["model.name=clip", "batch.micro=3"], ["model.name=clip", "memory.recompute=blocks"],
    ["model.name=clip", "precision=auto"], ["model.name=cross-attention"],
    ["model.name=dual-encoder", "model.vision.encoder=resnet18", "model.vision.image_size=64"],
    ["model.name=dual-encoder", "model.vision.encoder=resnet18", "model.batch_norm=synchronised"],
    ["model.name=dual-encoder", "model.vision.encoder=efficientnet-lite0", "model.vision.image_size=64"],
    ["model.name=dual-encoder", "model.vision.encoder=fastvit_mci1", "model.vision.image_size=64"],
    ["model.name=fusion"], ["model.name=vilt"], ["model.name=vilbert"], ["model.name=uniter"], ["model.name=mmbert"],
    ["model.name=blip"], ["model.name=blip", "task.name=captioning"],
  ]) func itAsksForWhatAStepAsksFor(_ settings: [String]) throws {
    let all = ["model.preset=tiny", "precision=fp32"] + settings
    let configuration = try RunConfiguration(file: nil, settings: all.map { ConfigurationSetting($0) })
    let bytes = try [false, true].map {
      try StepRehearsal(configuration, nil, pairs: 6, threads: 2, computes: $0).reservedBytes
    }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] > 0)
  }

  /// The forecast is what was gone through, and one machine's ranks take a part each.
  @Test func theForecastHoldsIt() throws {
    let configuration = try RunConfiguration(
      file: nil, settings: ["model.preset=tiny", "batch.global=12", "precision=fp32"].map { ConfigurationSetting($0) })
    let forecasts = try [1, 2].map { try RunForecast(configuration, dataPath: nowhere, ranks: $0, rehearsing: 1) }
    let steps = try [12, 6].map { try StepRehearsal(forecasts[0].configuration, nil, pairs: $0, threads: 1) }
    for (forecast, step) in zip(forecasts, steps) {
      #expect(forecast.isRehearsed && forecast.activationBytes == step.bytes)
      #expect(forecast.memoryBytes > forecast.stateBytes + step.bytes && step.bytes <= step.reservedBytes)
    }
    let estimate = try RunForecast(configuration, dataPath: nowhere, ranks: 1)
    #expect(!estimate.isRehearsed && estimate.stateBytes == forecasts[0].stateBytes)
  }

  /// A task whose samples nothing stands for without data is estimated, and why is said.
  @Test func whatCannotBeGoneThroughIsSaid() throws {
    func forecast(_ settings: [String], rehearsing threads: Int?) throws -> RunForecast {
      let all = ["model.preset=tiny", "model.name=clip", "precision=fp32"] + settings
      return try RunForecast(
        RunConfiguration(file: nil, settings: all.map { ConfigurationSetting($0) }), dataPath: nowhere, ranks: 1,
        rehearsing: threads)
    }
    let told = try forecast(["task.name=classification"], rehearsing: 1)
    #expect(!told.isRehearsed && told.whyNotRehearsed?.contains("random pairs are images with captions") == true)
    #expect(try told.memoryBytes == forecast(["task.name=classification"], rehearsing: nil).memoryBytes)
    #expect(
      try forecast([], rehearsing: 1).whyNotRehearsed == nil && forecast([], rehearsing: nil).whyNotRehearsed == nil)
    let huge = try forecast(["model.text.width=8192", "model.text.heads=64", "model.text.layers=128"], rehearsing: 1)
    #expect(!huge.isRehearsed && huge.whyNotRehearsed?.contains("more than this machine's memory") == true)
  }

  /// Of many pairs some are gone through, and the others take as much; more than the machine holds is told, not asked for.
  @Test func manyPairsTakeAsMuchAsTheFirst() throws {
    let configuration = try RunConfiguration(
      file: nil, settings: ["model.name=clip", "model.preset=tiny", "precision=fp32"].map { ConfigurationSetting($0) })
    func forecast(_ pairs: Int) throws -> Int {
      var asked = configuration
      asked.batch.global = pairs
      return try RunForecast(asked, dataPath: nowhere, ranks: 1, rehearsing: 1).activationBytes
    }
    let whole = try StepRehearsal(configuration, nil, pairs: 400, threads: 1).bytes
    let told = try forecast(400)
    #expect(abs(told - whole) < whole / 10, "\(told) of \(whole)")
    #expect(try forecast(1_000_000) > 1 << 40)
  }
}
