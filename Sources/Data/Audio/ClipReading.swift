public import Randomness
internal import Synchronization

/// What a loader makes of clips.
public enum AudioForm: Codable, Equatable, Sendable {
  /// Rows of what each band holds.
  case bands(AudioPreprocessing)
  /// Samples at a rate, one a row; at most so many.
  case samples(rate: Int, limit: Int)

  /// Numbers of a row.
  public var width: Int {
    switch self {
    case .bands(let preprocessing): preprocessing.bands
    case .samples: 1
    }
  }

  fileprivate var rate: Int {
    switch self {
    case .bands(let preprocessing): preprocessing.spectrogram.rate
    case .samples(let rate, _): rate
    }
  }

  /// The most samples that count, at that rate.
  fileprivate var maximumSamples: Int {
    switch self {
    case .bands(let preprocessing): preprocessing.maximumSamples
    case .samples(_, let limit): limit
    }
  }
}

/// Makes rows of clips, in one form. Any thread may use it: the filters of a rate are made once.
public final class ClipReader: Sendable {
  public let form: AudioForm
  private let spectrogram: Spectrogram?
  private let resamplers = Mutex<[(rate: Int, resampler: SincResampler)]>([])

  /// Filters of more rates are made anew.
  private static let ratesKept = 16

  public init(_ form: AudioForm) {
    self.form = form
    switch form {
    case .bands(let preprocessing):
      spectrogram = Spectrogram(
        preprocessing.spectrogram, mean: preprocessing.mean, deviation: preprocessing.deviation)
    case .samples(let rate, let limit):
      precondition(SoundLimits.rates.contains(rate) && limit > 0, "\(limit) samples at a rate of \(rate)")
      spectrogram = nil
    }
  }

  /// The clip as evaluation sees it: from its beginning.
  public func evaluation(_ sound: Waveform) -> BandRows { rows(cut(resampled(sound), at: 0)) }

  /// The clip as training sees it. With `AudioAugmentation.none` it is that of evaluation and takes no random numbers.
  ///
  /// - Parameters:
  ///   - other: another clip that it is mixed with, and its own share; its length stays.
  ///   - random: a stream of its own for each sample and epoch; nothing else decides the result.
  public func training(
    _ sound: Waveform, mixedWith other: (sound: Waveform, own: Float)? = nil, augmentation: AudioAugmentation,
    random: inout RandomStream
  ) -> BandRows {
    guard augmentation != .none || other != nil else { return evaluation(sound) }
    var all = resampled(sound)
    if let other { mix(resampled(other.sound), to: &all, own: other.own) }
    let spare = max(0, all.count - form.maximumSamples)
    let first = augmentation.cutsAnywhere && spare > 0 ? random.integer(below: spare + 1) : 0
    var samples = cut(all, at: first)
    augmentation.change(&samples, rate: form.rate, random: &random)
    var made = rows(samples)
    if spectrogram != nil { augmentation.mask(&made, random: &random) }
    return made
  }

  /// Both from their beginnings: of a longer clip the rest plays no part, and a shorter one ends in silence.
  private func mix(_ others: [Float], to samples: inout [Float], own: Float) {
    for place in samples.indices {
      samples[place] = own * samples[place] + (1 - own) * (place < others.count ? others[place] : 0)
    }
  }

  /// Whether a clip is longer than what is made of one, so that at least a sample of it plays no part.
  public func cuts(_ sound: Waveform) -> Bool {
    Double(sound.samples.count) * Double(form.rate) > Double(form.maximumSamples) * Double(sound.rate)
  }

  private func cut(_ samples: [Float], at first: Int) -> [Float] {
    samples.count <= form.maximumSamples ? samples : Array(samples[first..<(first + form.maximumSamples)])
  }

  private func rows(_ samples: [Float]) -> BandRows {
    guard let spectrogram, case .bands(let preprocessing) = form else { return BandRows(values: samples, bands: 1) }
    return spectrogram(samples, limit: preprocessing.maximumFrames)
  }

  private func resampled(_ sound: Waveform) -> [Float] {
    sound.rate == form.rate ? sound.samples : resampler(from: sound.rate)(sound.samples)
  }

  private func resampler(from rate: Int) -> SincResampler {
    if let known = resamplers.withLock({ $0.first { $0.rate == rate }?.resampler }) { return known }
    let made = SincResampler(from: rate, to: form.rate)
    resamplers.withLock { if $0.count < Self.ratesKept { $0.append((rate, made)) } }
    return made
  }
}
