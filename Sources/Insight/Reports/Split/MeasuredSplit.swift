public import Evaluation
public import Inference
internal import Reporting

/// A run's weights measured on a split, with all that a page shows of that.
public struct MeasuredSplit: Sendable {
  /// As they were named.
  public let model: String
  public let data: String
  public let split: String
  public let report: any TaskReport
  /// Of the samples that are shown, by their places in the split.
  let pictures: [Int: Thumbnail]
  /// Whether these are of clips.
  let showsClips: Bool
  /// Samples that are shown without their picture, as the page has no room for it.
  let withoutRoom: Int
  /// Where the score of a photo and a text of its own comes from.
  private(set) var maps: [Map] = []
  /// Why there are no maps; nil where there are.
  private(set) var lackOfMaps: String?

  /// Photos with a text that are explained.
  private static let mostMaps = 3

  /// - Parameters:
  ///   - pictures: the page's.
  ///   - showsClips: whether pictures are of clips.
  ///   - picture: of the sample at a place of the split; nil for one that has none.
  ///   - explain: says where what is told of the photo at a place and a text comes from: one of a list, by its number, or how well they fit.
  public init(
    model: String, data: String, split: String, _ report: any TaskReport, _ pictures: inout SplitPictures,
    showsClips: Bool = false, picture: (Int) -> Thumbnail?,
    explain: (_ place: Int, _ text: String, _ number: Int?) throws -> Explanation
  ) {
    (self.model, self.data, self.split, self.report) = (model, data, split, report)
    self.showsClips = showsClips
    let places = report.exhibits.flatMap(\.places)
    let before = pictures.left
    var found: [Int: Thumbnail] = [:]
    for place in places where found[place] == nil {
      found[place] = pictures.take(uses: places.count { $0 == place }) { picture(place) }
    }
    (self.pictures, withoutRoom) = (found, pictures.left - before)
    addMaps(explain)
  }

  /// Of texts that were looked for, each with its own photo; else of what was told of photos with texts.
  private mutating func addMaps(_ explain: (Int, String, Int?) throws -> Explanation) {
    let kinds = report.exhibits.map(\.explainable)
    // Of each kind in turn: not of mistakes alone.
    let candidates = (0..<Self.mostMaps).flatMap { place in
      kinds.compactMap { $0.indices.contains(place) ? $0[place] : nil }
    }
    guard !candidates.isEmpty else {
      lackOfMaps =
        "There are no maps of where what is told comes from: they are of a photo and a text together, and nothing is told here of these."
      return
    }
    for candidate in candidates.prefix(Self.mostMaps) {
      do {
        let explanation = try explain(candidate.place, candidate.text, candidate.told?.number)
        maps.append(Map(text: candidate.text, name: candidate.name, told: candidate.told?.text, explanation))
      } catch {
        lackOfMaps = "There are no maps of where what is told comes from: \(error)."
        return
      }
    }
  }

  /// Where in a photo and a text what was told of them comes from.
  struct Map: Sendable {
    let text: String
    let name: String
    /// Nil for how well the two fit.
    let told: String?
    let explanation: Explanation

    init(text: String, name: String, told: String?, _ explanation: Explanation) {
      (self.text, self.name, self.told, self.explanation) = (text, name, told, explanation)
    }
  }
}

extension Exhibit {
  fileprivate typealias Explainable = (place: Int, name: String, text: String, told: ShownSample.Choice?)

  /// Photos with texts of which something is told.
  fileprivate var explainable: [Explainable] {
    switch self {
    case .confusion, .reliability, .riskCoverage: []
    case .samples(let shown):
      shown.samples.compactMap { sample in
        guard let text = sample.text, let first = sample.told.first, first.number != nil else { return nil }
        return (sample.place, sample.name, text, first)
      }
    case .searches(let shown):
      shown.searches.compactMap { search in
        search.query.text.map { (search.right.place, search.right.name, $0, nil) }
      }
    }
  }

  /// Of the samples whose pictures it shows, as often as it shows them.
  fileprivate var places: [Int] {
    switch self {
    case .confusion, .reliability, .riskCoverage: []
    case .samples(let shown): shown.samples.map(\.place)
    case .searches(let shown):
      shown.searches.flatMap { search in
        ([search.query] + search.found.map(\.item) + (search.isRightAmongFound ? [] : [search.right]))
          .filter { $0.text == nil }.map(\.place)
      }
    }
  }
}

extension ShownSearch {
  /// Whether the best of the right ones is among what is shown.
  var isRightAmongFound: Bool { found.contains { $0.isRight } }
}
