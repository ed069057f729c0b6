internal import Foundation
internal import FuzzTargets

/// What MMTRAIN_FUZZ_TARGET names; one program serves all targets.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["MMTRAIN_FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError("MMTRAIN_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue))")
  }
  return target
}()

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try target.read(UnsafeRawBufferPointer(start: start, count: count))
  } catch {
    fatalError("\(error)")
  }
  return 0
}
