import Files
import Foundation
import TensorEngine
import TestSupport
import Testing

@Suite struct DoctorCommandTests {
  @Test func theDocumentHasTheFacts() throws {
    let result = try Program.run("doctor", "--json")
    #expect(result.exitCode == 0)
    #expect(result.errors.isEmpty)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let names = [
      "processor", "cores", "memory", "disk", "shared_memory", "kernels", "blas", "products", "matrix_products", "mpi",
      "plan",
      "warnings",
    ]
    #expect(Set(document.keys) == Set(names))
    let cores = try #require(document["cores"] as? [String: Any])
    #expect((cores["physical"] as? Int ?? 0) > 0)
    let memory = try #require(document["memory"] as? [String: Any])
    #expect((memory["total_bytes"] as? Int ?? 0) > 1 << 20)
  }

  /// What is found is remembered in the user's cache, once a machine; a variable says otherwise.
  @Test func theFasterLibraryIsToldOfAndRemembered() throws {
    let home = try TemporaryDirectory()
    func libraries(_ environment: [String: String]) throws -> [String: String] {
      let result = try Program.run("doctor", "--json", environment: environment)
      let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      let products = try #require(document?["products"] as? [String: Any])
      for rates in ["openblas_gflops", "onednn_gflops"] {
        let rates = try #require(products[rates] as? [String: Double])
        #expect(rates.count == 4 && rates.values.allSatisfy { $0 > 0 })
      }
      return try #require(products["libraries"] as? [String: String])
    }
    let own = ["MMTRAIN_PRODUCTS": "", "XDG_CACHE_HOME": home("cache")]
    let found = try libraries(own)
    #expect(Set(found.keys) == Set(ProductKind.allCases.map(\.rawValue)))
    let file = try #require(try directoryEntries(home("cache/mmtrain")).first { $0.hasSuffix(".json") })
    let path = home("cache/mmtrain/" + file)
    let record = String(decoding: try readFile(path), as: UTF8.self)
    // The contrary of what was found, or a file that is no record: this is read, that is measured anew.
    let contrary = record.replacing("\"openblas\"", with: "?").replacing("\"onednn\"", with: "\"openblas\"")
      .replacing("?", with: "\"onednn\"")
    try writeAtomically(contrary.utf8, to: path)
    #expect(try libraries(own) == found.mapValues { $0 == "openblas" ? "onednn" : "openblas" })
    try writeAtomically("{".utf8, to: path)
    _ = try libraries(own)
    #expect(try readFile(path).count > 100)
    // A variable decides, and nothing is remembered where there is no place.
    #expect(Set(try libraries(["MMTRAIN_PRODUCTS": "onednn"]).values) == ["onednn"])
    _ = try libraries(["MMTRAIN_PRODUCTS": "", "XDG_CACHE_HOME": "/dev/null"])
    let unknown = try Program.run("doctor", environment: ["MMTRAIN_PRODUCTS": "mkl"])
    #expect(
      unknown.exitCode == 78 && unknown.errors.contains("MMTRAIN_PRODUCTS=mkl: the libraries are openblas, onednn"))
  }

  @Test func matrixProductsAreHeldAgainstThePeak() throws {
    let result = try Program.run("doctor", "--json")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let products = try #require(document["matrix_products"] as? [String: Any])
    let achieved = try #require(products["gflops"] as? Double)
    let peak = try #require(products["peak_gflops"] as? Double)
    // Which of them is larger is no test: another program may be slowing down one measurement and not the other.
    #expect(achieved > 0.1 && peak > 0.1, "\(achieved) of \(peak) GFLOP/s")
  }

  @Test func tooManyThreadsAreWarnedOf() throws {
    let result = try Program.run("doctor", "--ranks", "64", "--threads", "64")
    #expect(result.exitCode == 0)
    #expect(result.output.contains("warning: 64 ranks of 64 threads share"))
  }

  @Test func theKernelsChosenByHandAreLeftOut() throws {
    let removed = try Program.run("doctor", environment: ["OPENBLAS_CORETYPE": "Haswell"])
    #expect(removed.output.contains("OPENBLAS_CORETYPE=Haswell was set and is not used"))
    let kept = try Program.run(
      "doctor", environment: ["OPENBLAS_CORETYPE": "Haswell", "MMTRAIN_KEEP_BLAS_CORE": "1"])
    #expect(kept.output.contains("OPENBLAS_CORETYPE=Haswell is set and used"))
    let empty = try Program.run("doctor", environment: ["OPENBLAS_CORETYPE": ""])
    #expect(empty.output.contains("OPENBLAS_CORETYPE= was set and is not used"))
    let unset = try Program.run("doctor")
    #expect(!unset.output.contains("CORETYPE"))
  }

  /// The whole program computes as on a processor of that level.
  @Test(arguments: [("baseline", "Prescott"), ("avx2", "Haswell")])
  func aForcedLevelReachesOpenBLAS(level: String, core: String) throws {
    // Where the processor has no such level, the program says so (next test).
    guard KernelLevel(rawValue: level)?.isSupported == true else { return }
    for stray in [[:], ["OPENBLAS_CORETYPE": "SkylakeX"]] {
      let result = try Program.run(
        "doctor", "--json", environment: stray.merging(["MMTRAIN_KERNELS": level]) { $1 })
      let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let kernels = try #require(document["kernels"] as? [String: Any])
      #expect(kernels["level"] as? String == level)
      #expect(kernels["forced"] as? Bool == true)
      #expect(kernels["fastest_precision"] as? String == "fp32")
      #expect((document["blas"] as? [String: Any])?["core"] as? String == core)
    }
  }

  @Test func anUnknownLevelIs78() throws {
    let result = try Program.run("doctor", environment: ["MMTRAIN_KERNELS": "avx1024"])
    #expect(result.exitCode == 78)
    #expect(result.errors.contains("MMTRAIN_KERNELS=avx1024: this processor has baseline"))
    #expect(result.output.isEmpty)
  }

  /// OpenMP, which oneDNN brings along, would pin the main thread before `main`, and with it all threads, to one core.
  @Test(arguments: ["OMP_PROC_BIND=true", "OMP_PLACES=cores", "GOMP_CPU_AFFINITY=0"])
  func variablesOfOpenMPPinNothing(variable: String) throws {
    func cores(_ environment: [String: String]) throws -> Int {
      let result = try Program.run("doctor", "--json", environment: environment)
      let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      return try #require((document?["cores"] as? [String: Any])?["physical"] as? Int)
    }
    let parts = variable.split(separator: "=").map { String($0) }
    #expect(try cores([parts[0]: parts[1]]) == cores([:]))
  }

  @Test(.enabled(if: Program.hasMPIRun, "there is no Open MPI here"))
  func theKernelsChosenByHandAreLeftOutOnRanks() throws {
    let arguments = ["mpirun", "-n", "2", "--oversubscribe", "-x", "OPENBLAS_CORETYPE=Haswell", Program.path, "doctor"]
    let result = try Program.run("/usr/bin/env", arguments)
    #expect(result.exitCode == 0)
    #expect(result.output.components(separatedBy: "OPENBLAS_CORETYPE=Haswell was set and is not used").count == 3)
  }
}
