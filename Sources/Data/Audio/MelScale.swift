internal import Glibc

/// How frequencies are laid out so that equal steps sound equal.
public enum MelScale: String, Codable, CaseIterable, Sendable {
  /// 1127 · ln(1 + f / 700), as Kaldi has it.
  case kaldi
  /// The same scale with its constants as the Hidden Markov Model Toolkit has them: 2595 · log10(1 + f / 700).
  case htk
  /// Linear up to 1 kHz, logarithmic above (Slaney's Auditory Toolbox).
  case slaney

  /// - Parameter hertz: 0 or more.
  func mel(_ hertz: Double) -> Double {
    switch self {
    case .kaldi: 1127 * log(1 + hertz / 700)
    case .htk: 2595 * log10(1 + hertz / 700)
    case .slaney: hertz < 1000 ? hertz * 3 / 200 : 15 + log(hertz / 1000) * 27 / log(6.4)
    }
  }

  func hertz(_ mel: Double) -> Double {
    switch self {
    case .kaldi: 700 * (exp(mel / 1127) - 1)
    case .htk: 700 * (pow(10, mel / 2595) - 1)
    case .slaney: mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
    }
  }
}

/// Bands of a spectrum: triangles that overlap, each from the middle of the one below to the middle of the one above.
struct MelBands: Sendable {
  /// The first bin of each band, and how many bins count for it. A band may be narrower than a bin and have none.
  private(set) var firsts: [Int32] = []
  private(set) var lengths: [Int32] = []
  /// Of all bands, one after the other.
  private(set) var weights: [Double] = []

  init(_ settings: SpectrogramSettings) {
    let scale = settings.scale
    let (low, high) = (scale.mel(settings.lowest), scale.mel(settings.highest))
    let step = (high - low) / Double(settings.bands + 1)
    let edges = (0..<(settings.bands + 2)).map { place in
      settings.hasMelTriangles ? low + step * Double(place) : scale.hertz(low + step * Double(place))
    }
    let bins = (0...(settings.transform / 2)).map { bin in
      let hertz = Double(bin * settings.rate) / Double(settings.transform)
      return settings.hasMelTriangles ? scale.mel(hertz) : hertz
    }
    for band in 0..<settings.bands { add(edges[band...(band + 2)].map { $0 }, bins, settings) }
  }

  private mutating func add(_ edges: [Double], _ bins: [Double], _ settings: SpectrogramSettings) {
    let height = settings.hasEqualAreas ? 2 / (edges[2] - edges[0]) : 1
    let values = bins.map { bin in
      height * max(0, min((bin - edges[0]) / (edges[1] - edges[0]), (edges[2] - bin) / (edges[2] - edges[1])))
    }
    let first = values.firstIndex { $0 > 0 } ?? 0
    let end = values.lastIndex { $0 > 0 }.map { $0 + 1 } ?? first
    firsts.append(Int32(first))
    lengths.append(Int32(end - first))
    weights += values[first..<end]
  }
}
