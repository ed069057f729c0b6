internal import Images
internal import Randomness

/// Where an object was drawn, in pixels.
struct PlacedObject: Sendable {
  var object: SceneObject
  var centre: Point
  var radius: Float

  /// x, y, width, height of the smallest whole-pixel box around the circle that the shape is drawn in.
  var box: [Int] {
    let left = Int((centre.x - radius).rounded(.down))
    let top = Int((centre.y - radius).rounded(.down))
    let right = Int((centre.x + radius).rounded(.up))
    let bottom = Int((centre.y + radius).rounded(.up))
    return [left, top, right - left, bottom - top]
  }
}

/// Chooses exact places: near the middle of the cell, a little off, wholly within it, and of a radius that leaves no doubt
/// about the size.
func place(_ scene: Scene, imageSize: Int, random: inout RandomStream) -> [PlacedObject] {
  let cell = Float(imageSize) / 2
  return scene.objects.map { object in
    let scale: Float = object.size == .large ? 0.41 : 0.22
    let radius = cell * (scale + random.uniform(in: -0.02...0.02))
    let room = min(cell / 2 - radius - 0.01, cell * 0.1)
    return PlacedObject(
      object: object,
      centre: Point(
        x: (Float(object.cell.column) + 0.5) * cell + random.uniform(in: -room...room),
        y: (Float(object.cell.row) + 0.5) * cell + random.uniform(in: -room...room)),
      radius: radius)
  }
}

/// Draws the ground, then each object with edges blended over one pixel.
func draw(_ ground: Ground, _ objects: [PlacedObject], imageSize: Int) -> Image {
  var pixels = drawGround(ground, imageSize: imageSize)
  for placed in objects { draw(placed, imageSize: imageSize, into: &pixels) }
  return Image(width: imageSize, height: imageSize, pixels: pixels)
}

private func draw(_ placed: PlacedObject, imageSize: Int, into pixels: inout [UInt8]) {
  let colour = placed.object.colour.rgb
  let shape = placed.object.shape
  let box = placed.box
  for y in max(0, box[1] - 1)..<min(imageSize, box[1] + box[3] + 1) {
    for x in max(0, box[0] - 1)..<min(imageSize, box[0] + box[2] + 1) {
      let point = Point(
        x: (Float(x) + 0.5 - placed.centre.x) / placed.radius, y: (Float(y) + 0.5 - placed.centre.y) / placed.radius)
      let coverage = min(max(0.5 - shape.distance(point) * placed.radius, 0), 1)
      guard coverage > 0 else { continue }
      let first = 3 * (y * imageSize + x)
      for c in 0..<3 {
        let under = Float(pixels[first + c])
        pixels[first + c] = UInt8(under + (Float(colour[c]) - under) * coverage + 0.5)
      }
    }
  }
}

private func drawGround(_ ground: Ground, imageSize: Int) -> [UInt8] {
  let light = ground.colour.rgb
  let dark = light.map { UInt8(Int($0) * 4 / 5) }
  let unit = max(1, imageSize / 12)  // width of a stripe, of a checked square; half the distance of dots
  var pixels = [UInt8](repeating: 0, count: 3 * imageSize * imageSize)
  for y in 0..<imageSize {
    for x in 0..<imageSize {
      let shade = isDark(ground.texture, x: x, y: y, unit: unit) ? dark : light
      let first = 3 * (y * imageSize + x)
      for c in 0..<3 { pixels[first + c] = shade[c] }
    }
  }
  return pixels
}

private func isDark(_ texture: Texture, x: Int, y: Int, unit: Int) -> Bool {
  switch texture {
  case .plain: return false
  case .striped: return y / unit % 2 == 1
  case .checked: return (x / unit + y / unit) % 2 == 1
  case .dotted:
    let dx = 2 * (x % (2 * unit)) - 2 * unit + 1
    let dy = 2 * (y % (2 * unit)) - 2 * unit + 1
    return dx * dx + dy * dy <= 2 * unit * unit
  }
}

extension ObjectColour {
  var rgb: [UInt8] {
    switch self {
    case .red: [215, 30, 35]
    case .orange: [245, 135, 20]
    case .yellow: [245, 215, 20]
    case .green: [30, 150, 55]
    case .blue: [30, 75, 210]
    case .purple: [120, 40, 160]
    case .pink: [250, 110, 180]
    case .black: [20, 20, 20]
    }
  }
}

extension GroundColour {
  var rgb: [UInt8] {
    switch self {
    case .white: [250, 250, 250]
    case .grey: [165, 165, 165]
    case .azure: [165, 210, 245]
    case .mint: [165, 230, 185]
    case .cream: [245, 230, 175]
    case .lilac: [215, 185, 240]
    }
  }
}
