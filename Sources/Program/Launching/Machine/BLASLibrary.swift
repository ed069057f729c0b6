internal import Glibc

/// The OpenBLAS that is loaded into this process.
package struct BLASLibrary {
  /// The kernels it chose: "SkylakeX", "Haswell", ….
  package let core: String
  package let build: String

  /// Asks the loaded library by name, as only room TensorEngine links it; nil where it is not loaded.
  package static func loaded() -> BLASLibrary? {
    guard let core = call("openblas_get_corename"), let build = call("openblas_get_config") else { return nil }
    return BLASLibrary(core: core, build: build)
  }

  /// Its threads, the caller's among them; nil where it is not loaded.
  static var threads: Int? {
    guard let symbol = dlsym(nil, "openblas_get_num_threads") else { return nil }
    return Int(max(1, unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()))
  }
}

/// Calls a C function that takes nothing and returns a text.
private func call(_ name: String) -> String? {
  guard let symbol = dlsym(nil, name) else { return nil }
  let function = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<CChar>?).self)
  return function().map { String(cString: $0) }
}
