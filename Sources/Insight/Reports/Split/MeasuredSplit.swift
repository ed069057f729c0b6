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
  private(set) var maps: [(text: String, name: String, explanation: Explanation)] = []
  /// Why there are no maps; nil where there are.
  private(set) var lackOfMaps: String?

  /// Photos with a text that are explained.
  private static let mostMaps = 3

  /// - Parameters:
  ///   - pictures: the page's.
  ///   - showsClips: whether pictures are of clips.
  ///   - picture: of the sample at a place of the split; nil for one that has none.
  ///   - explain: says where the score of the photo at a place and a text comes from.
  public init(
    model: String, data: String, split: String, _ report: any TaskReport, _ pictures: inout SplitPictures,
    showsClips: Bool = false, picture: (Int) -> Thumbnail?,
    explain: (_ place: Int, _ text: String) throws -> Explanation
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

  /// Of texts that are shown as searches, each with its own photo.
  private mutating func addMaps(_ explain: (Int, String) throws -> Explanation) {
    let searches = report.exhibits.flatMap { exhibit -> [ShownSearch] in
      if case .searches(let shown) = exhibit { shown.searches.filter { $0.query.text != nil } } else { [] }
    }
    guard !searches.isEmpty else {
      lackOfMaps =
        "There are no maps of where a score comes from: they are of a photo and a text that was looked for, and what is measured here is no such search."
      return
    }
    for search in searches.prefix(Self.mostMaps) {
      do {
        let text = search.query.text ?? ""
        maps.append((text, search.right.name, try explain(search.right.place, text)))
      } catch {
        lackOfMaps = "There are no maps of where a score comes from: \(error)."
        return
      }
    }
  }
}

extension Exhibit {
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
