import Audio
import Batching
import Collectives
import Layers
import Models
import Objectives
import TensorEngine
import TestSupport
import Testing

/// The loss between each two of three modalities, where samples lack some, against PyTorch's (Tests/Golden/trimodal.py), on any number of
/// ranks.
@Suite struct PairwiseObjectiveTests {
  private static let cases = ["loss", "loss_without_sound"]

  /// Of one batch of 12 samples: the loss, and the gradients of features, modality by modality, and of scales.
  struct Outcome {
    var loss: Float = 0
    var gradients: [Float] = []
    var figures: [(name: String, value: Double)] = []
  }

  /// - Parameters:
  ///   - ranks: that have the samples in equal parts, or in these numbers.
  ///   - lacking: a modality that no sample has; the golden's own where nobody says.
  private func outcome(_ name: String, counts: [Int], lacking: [Modality] = []) throws -> Outcome {
    let golden = try GoldenFile("trimodal.safetensors")
    let has = try Modality.allCases.map { modality in
      try golden.integers("\(name)/has_\(modality.rawValue)").map { $0 == 1 && !lacking.contains(modality) }
    }
    let tables = try Modality.allCases.map { try golden.floats("\(name)/\($0.rawValue)") }
    let scales = try golden.floats("\(name)/scales")
    let results = try InProcessCommunicator.run(ranks: counts.count) { communicator -> Outcome in
      let builder = ParameterBuilder()
      let model = TableModel(builder)
      let arena = ParameterArena(builder)
      for (slice, values) in zip(arena.slices, tables + [scales].flatMap { $0.map { [$0] } }) {
        _ = arena.weights(of: slice).update(from: values)
      }
      let mix = try ObjectiveMix(ObjectiveContext(model, ObjectiveSettings(["pairwise": 1]), seed: 1, communicator))
      let engine = Engine(threadCount: 1)
      let batch = TableModel.batch(BatchLayout(counts: counts, rank: communicator.rank), has, engine)
      arena.markGradientsStale()
      let losses = try mix.computeGradients(of: batch, Tape(engine))
      arena.clearUnreachedGradients()
      return Outcome(
        loss: losses.total.value, gradients: arena.slices.flatMap { Array(arena.gradients(of: $0)) },
        figures: mix.figures.flatMap(\.values))
    }
    var sum = results[0]
    for other in results.dropFirst() {
      sum.loss += other.loss
      sum.gradients = zip(sum.gradients, other.gradients).map { $0 + $1 }
      #expect(other.figures.map(\.value) == sum.figures.map(\.value), "counts are known to all")
    }
    return sum
  }

  /// Ranks without any clip, without anything, and with nothing but clips among them.
  @Test(arguments: cases, [[12], [6, 6], [5, 4, 3], [1, 0, 7, 2, 2], [3, 1, 1, 7]])
  func itIsPyTorchsOnAnyRanks(_ name: String, counts: [Int]) throws {
    let golden = try GoldenFile("trimodal.safetensors")
    let found = try outcome(name, counts: counts)
    #expect(difference(found.loss, try golden.floats("\(name)/loss")[0], relative: 2e-6) == nil)
    let expected = try (Modality.allCases.map(\.rawValue) + ["scales"]).flatMap { try golden.floats("\(name)/d\($0)") }
    #expect(difference(found.gradients, expected, relative: 1e-5, floor: 1e-7, scale: .largest) == nil)
    let pairs = try ["image_text", "image_audio", "text_audio"].map { try golden.integers("\(name)/count_\($0)")[0] }
    #expect(found.figures.map(\.value) == pairs.map(Double.init))
    #expect(found.figures.map(\.name) == ["image_text", "image_audio", "text_audio"])
  }

  /// Each of these is a step: nobody has a pair, and nothing is learnt.
  @Test(arguments: [[12], [4, 8]]) func aBatchWithoutPairsIsAStep(counts: [Int]) throws {
    for lacking in [[Modality.text, .audio], Modality.allCases] {
      let found = try outcome("loss", counts: counts, lacking: lacking)
      #expect(found.loss == 0 && found.gradients.allSatisfy { $0 == 0 } && found.figures.allSatisfy { $0.value == 0 })
    }
  }

  /// One pair alone is the contrastive loss of two modalities.
  @Test func aPairAloneIsTheContrastiveLoss() throws {
    let found = try outcome("loss_without_sound", counts: [12])
    #expect(found.figures.map(\.value).filter { $0 > 0 }.count == 1)
    let without = try outcome("loss", counts: [7, 5], lacking: [.audio])
    #expect(without.figures[0].value == 7 && without.figures[1].value == 0 && without.loss > 0)
  }
}

/// Its features are rows of tables, one a modality: what it reads of a sample is the number of its row.
private final class TableModel: PairwiseFeatureModel {
  private let tables: [Parameter]
  private let scales: [Parameter]
  let featureWidth = 8

  init(_ builder: ParameterBuilder) {
    tables = Modality.allCases.map { builder.parameter($0.rawValue, [12, 8], .constant(0)) }
    scales = ModalityPair.all.map { builder.parameter($0.name, [], .constant(0)) }
  }

  var description: any ModelDescription { ObjectiveCase.towers }
  var imageEncoder: any ImageEncoder { TableEncoder(table: tables[0]) }
  var clipEncoder: any ImageEncoder { TableEncoder(table: tables[2]) }
  var textEncoder: any TextEncoder { TableTexts(tokenEmbedding: tables[1]) }
  func features(_ encoding: Encoding, of modality: Modality, _ tape: Tape) -> Tensor { encoding.pooled(tape) }
  func logitScale(of pair: ModalityPair) -> Parameter { scales[ModalityPair.all.firstIndex(of: pair) ?? 0] }

  /// - Parameter has: of each modality whether each of the 12 samples has it.
  static func batch(_ layout: BatchLayout, _ has: [[Bool]], _ engine: Engine) -> StepBatch {
    let own = Array(layout.local)
    let rows = { (place: Int) in own.filter { has[place][$0] }.map { Float($0) } }
    var columns = BatchColumns()
    columns.photos = own.map { has[0][$0] }
    let clips = own.map { has[2][$0] ? BandRows(values: [Float($0)], bands: 1) : nil }
    columns.audio = AudioBatch(clips, width: 1)
    var batch = StepBatch(
      images: ImageInput(engine.tensor(rows(0), shape: [rows(0).count, 1, 1, 1])),
      text: PackedText(own.map { [Int32($0)] }), photos: own.map { UInt64($0) }, captions: own.map { UInt64($0) },
      columns: columns, layout: layout, step: 0)
    batch.hasCaption = own.map { has[1][$0] }
    batch.clips = ImageInput(
      .clips(PackedClips(rows: engine.tensor(rows(2), shape: [rows(2).count, 1]), offsets: Array(0...rows(2).count))))
    return batch
  }
}

private struct TableEncoder: ImageEncoder {
  let table: Parameter
  var width: Int { 8 }

  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let numbers =
      switch images.content {
      case .clips(let clips): clips.rows.values()
      default: images.pictures.pixels.values()
      }
    return Encoding(pooled: tape.gatherRows(table.tensor, numbers.map { Int($0) }))
  }
}

private struct TableTexts: TextEncoder {
  let tokenEmbedding: Parameter

  func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    Encoding(pooled: tape.gatherRows(tokenEmbedding.tensor, texts.ids.map { Int($0) }))
  }
}
