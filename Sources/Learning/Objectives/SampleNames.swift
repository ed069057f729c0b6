/// What names the random choices of samples, whatever rank they are on.
package struct SampleNames {
  package let seed: UInt64
  package let epoch: Int
  /// For each sample.
  package let samples: [(photo: UInt64, caption: UInt64)]

  package init(seed: UInt64, epoch: Int, samples: [(photo: UInt64, caption: UInt64)]) {
    (self.seed, self.epoch, self.samples) = (seed, epoch, samples)
  }
}

extension StepBatch {
  func names(seed: UInt64) -> SampleNames {
    SampleNames(seed: seed, epoch: epoch, samples: zip(photos, captions).map { ($0, $1) })
  }
}
