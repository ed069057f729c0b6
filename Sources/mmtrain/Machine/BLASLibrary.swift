internal import Glibc

/// The OpenBLAS that is loaded into this process.
struct BLASLibrary {
  /// The kernels it chose: "SkylakeX", "Haswell", ….
  let core: String
  let build: String

  /// Asks the loaded library by name, as only room TensorEngine links it; nil where it is not loaded.
  static func loaded() -> BLASLibrary? {
    guard let core = call("openblas_get_corename"), let build = call("openblas_get_config") else { return nil }
    return BLASLibrary(core: core, build: build)
  }
}

/// Calls a C function that takes nothing and returns a text.
private func call(_ name: String) -> String? {
  guard let symbol = dlsym(nil, name) else { return nil }
  let function = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<CChar>?).self)
  return function().map { String(cString: $0) }
}
