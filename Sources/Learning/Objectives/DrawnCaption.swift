internal import Batching
internal import Evaluation
package import Models

/// A caption that a model has drawn of one of its rank's photos, and what it is worth.
package struct DrawnCaption {
  /// Of the batch.
  let image: Int
  let text: WrittenText
  let reward: Double
  let baseline: Double
  var endsBadly = false
  /// Of what the baseline is of: equal for captions that say the same.
  var baselineIdentity: UInt64 = 0

  package init(
    image: Int, text: WrittenText, reward: Double, baseline: Double, endsBadly: Bool = false,
    baselineIdentity: UInt64 = 0
  ) {
    (self.image, self.text, self.reward, self.baseline) = (image, text, reward, baseline)
    (self.endsBadly, self.baselineIdentity) = (endsBadly, baselineIdentity)
  }

  var advantage: Double { reward - baseline }

  /// Of one photo.
  /// - Parameter likeliest: what they are held against; nil holds each against the mean of the others.
  static func judged(
    _ texts: [WrittenText], beside likeliest: WrittenText?, image: Int, of photo: UInt64, _ rewards: PhotoRewards
  ) -> [DrawnCaption] {
    let attempts = (texts + (likeliest.map { [$0] } ?? [])).map(rewards.attempt)
    let judged = rewards.judge(attempts, of: photo)
    let total = judged.prefix(texts.count).reduce(0) { $0 + $1.reward }
    return texts.indices.map { index in
      let (own, last) = (judged[index], judged.count - 1)
      let others = (total - own.reward) / Double(max(1, texts.count - 1))
      return DrawnCaption(
        image: image, text: texts[index], reward: own.reward,
        baseline: likeliest == nil ? others : judged[last].reward, endsBadly: own.endsBadly,
        baselineIdentity: textIdentity(attempts[likeliest == nil ? index : last].caption))
    }
  }

  // MARK: Between ranks

  package static let rowWidth = 5

  /// What all ranks are told of it. Of the identity as many bits as a number holds.
  package var row: [Double] {
    [reward, baseline, text.isClosed ? 0 : 1, endsBadly ? 1 : 0, Double(baselineIdentity >> 11)]
  }
}
