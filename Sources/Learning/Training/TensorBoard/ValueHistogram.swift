/// How numbers are distributed, in buckets of one width from the least to the largest.
package struct ValueHistogram: Equatable {
  package private(set) var least = 0.0
  package private(set) var largest = 0.0
  package private(set) var count = 0
  package private(set) var sum = 0.0
  package private(set) var sumOfSquares = 0.0
  /// Numbers in each bucket, its upper limit included.
  package private(set) var buckets: [Int]

  /// - Parameter values: of which those that are no numbers, or infinite, are left out.
  package init(_ values: UnsafeBufferPointer<Float>, buckets number: Int = 30) {
    buckets = Array(repeating: 0, count: number)
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    guard low <= high else { return }
    (least, largest) = (Double(low), Double(high))
    let perBucket = high > low ? Double(number) / (largest - least) : 0
    for value in values where value.isFinite {
      let number = Double(value)
      buckets[min(buckets.count - 1, max(0, Int(((number - least) * perBucket).rounded(.up)) - 1))] += 1
      count += 1
      sum += number
      sumOfSquares += number * number
    }
  }

  /// The largest number that belongs in each bucket.
  package var limits: [Double] {
    (1...buckets.count).map {
      $0 == buckets.count ? largest : least + (largest - least) * Double($0) / Double(buckets.count)
    }
  }

  /// As `HistogramProto` of `summary.proto`.
  var message: WireMessage {
    var message = WireMessage()
    message.add(1, least)
    message.add(2, largest)
    message.add(3, Double(count))
    message.add(4, sum)
    message.add(5, sumOfSquares)
    message.add(6, packed: limits)
    message.add(7, packed: buckets.map { Double($0) })
    return message
  }
}
