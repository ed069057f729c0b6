import Audio
import Randomness
import Testing

@Suite struct ClipReadingTests {
  private static let form = AudioForm.bands(
    AudioPreprocessing(spectrogram: .ast, maximumFrames: 20, mean: -4, deviation: 9))
  private static let sound = Waveform(samples: (0..<8000).map { Float($0 % 97) / 97 - 0.5 }, rate: 16_000)

  private static func rows(_ augmentation: AudioAugmentation, sample: UInt64 = 0, of form: AudioForm = form) -> BandRows
  {
    var random = RandomStream(seed: 3, .soundAugmentation, 0, sample)
    return ClipReader(form).training(sound, augmentation: augmentation, random: &random)
  }

  @Test func aClipHasAsManyRowsAsItIsLong() {
    let reader = ClipReader(.bands(.ast))
    for (samples, frames) in [(1, 1), (399, 1), (400, 1), (559, 1), (560, 2), (16_000, 98), (400_000, 1024)] {
      let rows = reader.evaluation(Waveform(samples: [Float](repeating: 0.1, count: samples), rate: 16_000))
      #expect(rows.frames == frames && rows.bands == 128, "\(samples)")
    }
    #expect(ClipReader(.bands(.clap)).evaluation(Waveform(samples: [0.5], rate: 48_000)).frames == 1)
  }

  @Test func rowsAreNormalised() {
    let rows = ClipReader(Self.form).evaluation(Self.sound)
    let plain = AudioForm.bands(AudioPreprocessing(spectrogram: .ast, maximumFrames: 20, mean: 0, deviation: 1))
    let raw = ClipReader(plain).evaluation(Self.sound)
    #expect(rows.frames == 20)
    #expect(zip(rows.values, raw.values).allSatisfy { abs($0 - ($1 + 4) / 9) < 1e-5 })
  }

  @Test func samplesAreResampled() {
    let rows = ClipReader(.samples(rate: 8000, limit: 3000)).evaluation(Self.sound)
    #expect(rows.bands == 1 && rows.frames == 3000)
    #expect(rows.values == Array(Self.sound.resampled(to: 8000).samples[..<3000]))
  }

  @Test func withoutAugmentationTrainingHearsWhatEvaluationHears() {
    #expect(Self.rows(.none) == ClipReader(Self.form).evaluation(Self.sound))
  }

  @Test func aSampleIsChangedInOneWay() {
    #expect(Self.rows(.standard, sample: 5) == Self.rows(.standard, sample: 5))
    #expect(Self.rows(.standard, sample: 5) != Self.rows(.standard, sample: 6))
  }

  @Test func everyChangeIsOneOfItsOwn() {
    let unchanged = Self.rows(.none)
    let changes: [AudioAugmentation] = [
      AudioAugmentation(cutsAnywhere: true), AudioAugmentation(gain: 6), AudioAugmentation(shift: 0.5),
      AudioAugmentation(noise: 1), AudioAugmentation(bandMask: 24), AudioAugmentation(frameMask: 96),
    ]
    for change in changes {
      let different = (0..<8).count { Self.rows(change, sample: $0) != unchanged }
      #expect(different >= 6, "\(change)")
    }
  }

  @Test func aGainOfSixDecibelsIsAtMostATwofold() {
    let form = AudioForm.samples(rate: 16_000, limit: 8000)
    for sample in 0..<20 {
      let rows = Self.rows(AudioAugmentation(gain: 6), sample: UInt64(sample), of: form)
      let factor = rows.values[5] / Self.sound.samples[5]
      #expect((0.5...2).contains(factor) && factor != 1)
    }
  }

  @Test func noiseIsAsLoudAsIsSaid() {
    let form = AudioForm.samples(rate: 16_000, limit: 8000)
    let rows = Self.rows(AudioAugmentation(noise: 1, noiseLevel: 20...20), of: form)
    let noise = zip(rows.values, Self.sound.samples).map { $0 - $1 }
    let ratio = power(Self.sound.samples) / power(noise)
    #expect(abs(ratio - 100) < 10)
  }

  @Test func aShiftKeepsEverySample() {
    let form = AudioForm.samples(rate: 16_000, limit: 8000)
    let rows = Self.rows(AudioAugmentation(shift: 0.5), of: form)
    #expect(rows.values.sorted() == Self.sound.samples.sorted() && rows.values != Self.sound.samples)
  }

  @Test func masksHideAtMostHalf() {
    for sample in 0..<20 {
      let rows = Self.rows(AudioAugmentation(bandMask: 1000, frameMask: 1000), sample: UInt64(sample))
      let hiddenFrames = (0..<20).count { frame in
        rows.values[(frame * 128)..<(frame * 128 + 128)].allSatisfy { $0 == 0 }
      }
      let hiddenBands = (0..<128).count { band in (0..<20).allSatisfy { rows.values[$0 * 128 + band] == 0 } }
      #expect(hiddenFrames <= 10 && hiddenBands <= 64)
    }
  }

  private func power(_ samples: [Float]) -> Float { samples.reduce(0) { $0 + $1 * $1 } }
}
