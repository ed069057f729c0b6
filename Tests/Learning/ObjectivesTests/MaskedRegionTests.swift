import Files
import Layers
import Models
import Objectives
import TensorEngine
import TestSupport
import Testing

/// Which regions are hidden, and what is asked of them.
@Suite struct MaskedRegionTests {
  private let settings = MaskedRegionSettings()

  private func draw(
    _ boxes: [[Box]], _ settings: MaskedRegionSettings = MaskedRegionSettings(), seed: UInt64 = 3, epoch: Int = 0,
    samples: [UInt64]? = nil
  ) -> MaskedRegions {
    let names = samples ?? boxes.indices.map { UInt64($0) }
    return MaskedRegions(
      boxes, settings,
      SampleNames(seed: seed, epoch: epoch, samples: names.map { (photo: $0, caption: $0 + 1000) }))
  }

  /// So many boxes side by side, none of which touches another.
  private func apart(_ count: Int) -> [Box] {
    (0..<count).map { Box(Float($0) / Float(count), 0, (Float($0) + 0.5) / Float(count), 1) }
  }

  /// A photo's regions do not depend on its neighbours, and are others in another epoch.
  @Test func aDrawIsOfItsSample() {
    let boxes = [apart(30), apart(4), apart(1)]
    let together = draw(boxes)
    for image in boxes.indices {
      #expect(draw([boxes[image]], samples: [UInt64(image)]).asked == [together.asked[image]])
    }
    #expect(Set((0..<20).map { draw(boxes, epoch: $0).asked }).count > 15)
    #expect(draw(boxes, seed: 4).asked != together.asked)
  }

  /// 15 %, within four deviations, and one at least; all that is asked for is hidden and nothing else.
  @Test func sharesAreThoseOfThePaper() {
    let drawn = draw((0..<600).map { _ in apart(36) })
    let regions = 600.0 * 36
    let share = Double(drawn.count) / regions
    #expect(abs(share - 0.15) < 4 * (0.15 * 0.85 / regions).squareRoot() + 0.001, "\(share)")
    #expect(drawn.hidden == drawn.asked)
    for places in drawn.asked {
      #expect(!places.isEmpty && places == places.sorted() && Set(places).count == places.count)
    }
    let small = draw((0..<300).map { _ in apart(3) })
    #expect(small.asked.allSatisfy { !$0.isEmpty })
    // Where nothing was drawn each place is as likely: all three are asked for about as often.
    let often = (0..<3).map { place in small.asked.count { $0.contains(place) } }
    let usual = often.reduce(0, +) / 3
    for count in often { #expect(abs(count - usual) < 40, "\(often)") }
  }

  /// 1 in 10 of those that are asked for is seen (Lu et al., 2019).
  @Test func someAreKept() {
    var kept = settings
    kept.kept = 0.1
    let (all, drawn) = (draw((0..<800).map { _ in apart(36) }), draw((0..<800).map { _ in apart(36) }, kept))
    #expect(drawn.asked == all.asked)
    let seen = zip(drawn.asked, drawn.hidden).reduce(0) { $0 + Set($1.0).subtracting($1.1).count }
    let share = Double(seen) / Double(drawn.count)
    #expect(abs(share - 0.1) < 4 * (0.09 / Double(drawn.count)).squareRoot(), "\(share)")
  }

  /// Box 1 covers six tenths of what it and box 0 cover, box 2 three tenths: at 0.4 the first is hidden with box 0, and not asked for.
  @Test func whatOverlapsIsHiddenToo() {
    let boxes = [Box(0, 0, 0.5, 1), Box(0.125, 0, 0.625, 1), Box(0.27, 0, 0.77, 1), Box(0.9, 0, 1, 1)]
    let near = boxes[0].overlap(with: boxes[1])
    #expect(abs(near - 0.6) < 1e-6 && boxes[1].overlap(with: boxes[0]) == near)
    #expect(boxes[0].overlap(with: boxes[3]) == 0 && boxes[0].overlap(with: boxes[0]) == 1)
    #expect((0.25..<0.35).contains(boxes[0].overlap(with: boxes[2])))
    var overlapping = settings
    overlapping.overlap = 0.4
    for sample in UInt64(0)..<200 {
      let (plain, drawn) = (draw([boxes], samples: [sample]), draw([boxes], overlapping, samples: [sample]))
      #expect(plain.asked == drawn.asked)
      let expected = boxes.indices.filter { place in
        plain.asked[0].contains { boxes[$0].overlap(with: boxes[place]) > 0.4 }
      }
      #expect(drawn.hidden == [expected])
      if drawn.asked == [[0]] { #expect(drawn.hidden == [[0, 1]]) }
    }
  }

  // MARK: Losses of a model

  /// A UNITER that reads regions of six numbers and five classes.
  private func example(_ settings: ObjectiveSettings) throws -> ObjectiveCase {
    try #require(JoinCase.postNorm[0].learning(settings))
  }

  private func outcome(_ weights: [String: Double], _ scale: RegionLossScale? = nil) throws -> ObjectiveCase.Outcome {
    var settings = ObjectiveSettings(weights)
    settings.maskedRegions.scale = scale
    return try example(settings).gradients(ranks: 1)
  }

  /// By the region the same loss counts as often as a region has numbers.
  @Test func scalesAreThoseOfThePapers() throws {
    for (name, numbers) in [("masked_regions.features", 6.0), ("masked_regions.distribution", 5)] {
      let (element, region) = (try outcome([name: 1], .element).loss, try outcome([name: 1], .region).loss)
      #expect(abs(region / element - numbers) < 1e-4, "\(name)")
      #expect(try outcome([name: 1]).loss == element)
    }
    let classes = ["masked_regions.classes": 1.0]
    #expect(try outcome(classes, .region).loss == outcome(classes, .element).loss)
  }

  /// The sum of two kinds is what each gives by itself: both look at the same hidden regions.
  @Test func kindsAreLearntTogether() throws {
    let (classes, distribution) = ("masked_regions.classes", "masked_regions.distribution")
    let (one, other) = (try outcome([classes: 1]), try outcome([distribution: 1]))
    let both = try outcome([classes: 1, distribution: 2])
    #expect(abs(both.loss - one.loss - 2 * other.loss) < 1e-5 * both.loss)
    let sum = zip(one.gradients, other.gradients).map { $0 + 2 * $1 }
    #expect(difference(both.gradients, sum, relative: 1e-5, floor: 0, scale: .largest) == nil)
  }

  /// One task a step, by its weight; what aligns comes with what it aligns.
  @Test func aMixOfUNITERsTasksIsDrawn() throws {
    var settings = ObjectiveSettings([
      "matching": 2, "masked_text": 2, "masked_regions.features": 1, "masked_regions.distribution": 1, "alignment": 0.1,
    ])
    (settings.mix, settings.negatives) = (.sampled, .random)
    let mix = try example(settings)
    let steps = (0..<900).map { mix.name(ofStep: $0) }
    for (name, share) in [
      ("matching alignment", 1.0 / 3), ("masked_text", 1.0 / 3), ("masked_regions.features", 1.0 / 6),
      ("masked_regions.distribution", 1.0 / 6),
    ] {
      let found = Double(steps.count { $0 == name }) / 900
      #expect(abs(found - share) < 4 * (share * (1 - share) / 900).squareRoot(), "\(name): \(found)")
    }
  }

  /// The same gradients where blocks run again in the backward pass.
  @Test(arguments: ObjectiveCase.fusions) func blocksMayRunAgain(_ example: ObjectiveCase) throws {
    let (kept, again) = (try example.gradients(ranks: 1), try example.gradients(ranks: 1, recomputesBlocks: true))
    #expect(difference(again.loss, kept.loss, relative: 1e-6) == nil)
    #expect(difference(again.gradients, kept.gradients, relative: 1e-5, floor: 0, scale: .largest) == nil)
  }

  /// Losses stay fp32 where products are rounded.
  @Test(.enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512"), arguments: ObjectiveCase.fusions)
  func roundedProductsGiveAboutTheSame(_ example: ObjectiveCase) throws {
    let (whole, rounded) = (try example.gradients(ranks: 1), try example.gradients(ranks: 1, precision: .bf16))
    #expect(difference(rounded.loss, whole.loss, relative: 2e-2) == nil)
  }

  /// Every objective has its row.
  @Test func docsHaveARowForEach() throws {
    let page = String(decoding: try readFile(repositoryRoot + "/docs/objectives.md"), as: UTF8.self)
    for kind in ObjectiveCatalogue.all { #expect(page.contains("\n| `\(kind.name)` |"), "\(kind.name)") }
  }
}
