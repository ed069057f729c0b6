// swift-tools-version: 6.2
import PackageDescription

// The rooms that read what comes from outside, compiled once more with the coverage counters of libFuzzer
// (docs/fuzzing.md). `Sources` holds links to the rooms' own folders, so that what is fuzzed is what is built; the main
// package does not know of this one but shares the target FuzzTargets, by which its tests replay seeds and findings.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "fuzzing",
  products: [.library(name: "Fuzz", type: .static, targets: ["Fuzz"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CZip", pkgConfig: "libzip"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CNodeMemory"),
    .target(
      name: "Reporting", dependencies: [.product(name: "Logging", package: "swift-log")], swiftSettings: settings),
    .target(name: "Files", dependencies: ["COpenSSL", "Reporting"], swiftSettings: settings),
    .target(name: "Randomness", swiftSettings: settings),
    .target(name: "Collectives", dependencies: ["CNodeMemory", "Reporting"], swiftSettings: settings),
    .target(name: "Archives", dependencies: ["CZip", "Files", "Reporting"], swiftSettings: settings),
    .target(name: "Images", dependencies: ["CJPEG", "Randomness", "Reporting"], swiftSettings: settings),
    .target(name: "Tokenization", dependencies: ["Reporting"], swiftSettings: settings),
    .target(
      name: "Batching", dependencies: ["Archives", "Images", "Tokenization", "Files", "Randomness", "Reporting"],
      swiftSettings: settings),
    .target(
      name: "Preparation",
      dependencies: ["Batching", "Archives", "Images", "Tokenization", "Files", "Randomness", "Reporting"],
      swiftSettings: settings),
    .target(name: "Checkpoints", dependencies: ["Files", "Reporting"], swiftSettings: settings),
    // The configuration alone: its files need nothing of the loop.
    .target(name: "Training", dependencies: ["Collectives", "Files", "Reporting", "Yams"], swiftSettings: settings),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Archives", "Batching", "Checkpoints", "Files", "Images", "Preparation", "Reporting", "Tokenization",
        "Training",
      ], swiftSettings: settings),
    .target(name: "Fuzz", dependencies: ["FuzzTargets"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
