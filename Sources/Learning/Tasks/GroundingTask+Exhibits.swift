internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Reporting
internal import Tokenization

extension GroundingMeasurement {
  /// What a page shows: phrases with the box that is told and those that are right. Collective where somebody asks.
  /// - Parameters: of this rank's phrases.
  func exhibits(_ told: [Box], _ overlaps: [Float], _ images: [Int]) throws -> [Exhibit] {
    guard subject.shown > 0 else { return [] }
    let communicator = subject.communicator
    let edges = try gatherOverRanks(
      told.flatMap { [$0.left, $0.top, $0.right, $0.bottom] }, communicator, "boxes that are shown")
    let overlaps = try gatherOverRanks(overlaps, communicator, "overlaps that are shown")
    let images = try gatherOverRanks(images, communicator, "photos of the phrases that are shown")
    let choice = ShownChoice(drawnFrom: overlaps.map { $0 >= 0.5 }, count: subject.shown)
    let samples = try dataSet.samples(split: split)
    let shown = try choice.cases.map { phrase in
      let place = images[phrase]
      // Phrases of a photo follow each other.
      let number = phrase - (images.firstIndex(of: place) ?? phrase)
      var sample = try named(number, of: samples[place], place)
      let own = edges[4 * phrase..<4 * phrase + 4].map(\.self)
      sample.boxes.append(ShownBox(left: own[0], top: own[1], right: own[2], bottom: own[3], isRight: false))
      sample.isRight = overlaps[phrase] >= 0.5
      sample.measure = "overlap \(decimals(100 * Double(overlaps[phrase]), 0)) %"
      return sample
    }
    return [
      .samples(
        ShownSamples(
          title: "Where the model finds things",
          choice: choice.sentence(
            right: "phrases whose box overlaps a right one by half", wrong: "others", how: ShownChoice.byChance),
          samples: shown))
    ]
  }

  /// A phrase of a photo with all boxes that it names there.
  private func named(_ number: Int, of sample: SampleReference, _ place: Int) throws -> ShownSample {
    let boxes = try dataSet.columns([.boxes], of: sample).columns.boxes
    var shown = ShownSample(place: place, name: sample.key)
    guard boxes.indices.contains(number) else { return shown }
    let words = { (box: PhraseBox) in subject.tokenizer.encode(box.phrase, limit: .max) }
    let (width, height) = (Double(sample.width), Double(sample.height))
    shown.text = boxes[number].phrase
    shown.boxes = boxes.filter { words($0) == words(boxes[number]) }.map { box in
      ShownBox(
        left: Float(box.x / width), top: Float(box.y / height), right: Float((box.x + box.width) / width),
        bottom: Float((box.y + box.height) / height), isRight: true)
    }
    return shown
  }
}
