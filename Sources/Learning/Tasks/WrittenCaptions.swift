internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import TensorEngine

/// The captions that a model writes of samples of a split: each rank of those of its part, and all know the whole.
struct WrittenCaptions {
  private let subject: MeasuredModel
  private let writer: CaptioningPredictor
  private let samples: [SampleReference]
  /// The samples whose captions are written, in the order of the split.
  private let places: [Int]
  /// Of this rank.
  private var rows: [Float] = []

  /// All of a split where it is measured thoroughly, else some that are far apart, the same every time. Nil where none are wanted.
  /// - Throws: `WritingError`.
  init?(_ subject: MeasuredModel, _ head: CaptioningHead?, _ samples: [SampleReference]) throws {
    let count = subject.isThorough ? samples.count : min(subject.writtenSamples, samples.count)
    guard count > 0, let head else { return nil }
    (self.subject, self.samples) = (subject, samples)
    writer = try CaptioningPredictor(head, subject.tokenizer).asked(subject.writing)
    places = (0..<count).map { $0 * samples.count / count }
  }

  var way: String { writer.way }

  /// - Parameter seen: what the encoder makes of the chunk.
  mutating func write(_ chunk: EvaluationChunk, _ seen: Encoding, _ tape: Tape) {
    let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
    let wanted = places.filter(range.contains).map { place in
      var sample = PooledReader.Sample(image: place - range.lowerBound, text: nil)
      sample.name = textName(ofImage: samples[place].key)
      return sample
    }
    guard !wanted.isEmpty else { return }
    rows += writer.numbers(subject.model, images: seen, texts: nil, wanted, tape).values()
  }

  /// Those of all ranks beside people's. Collective.
  func gathered(_ dataSet: PreparedDataSet) throws -> [WrittenSample] {
    let all = try gatherOverRanks(rows, subject.communicator, "captions that were written")
    return try places.enumerated().map { number, place in
      WrittenSample(
        place: place, name: samples[place].key,
        text: writer.text(all[number * writer.width..<(number + 1) * writer.width]),
        references: try dataSet.columns([.captions], of: samples[place]).captions)
    }
  }

  /// What writing has taken the slowest rank. Collective.
  func seconds() throws -> Double { try subject.communicator.maximum(writer.clock.seconds, "seconds of writing") }
}
