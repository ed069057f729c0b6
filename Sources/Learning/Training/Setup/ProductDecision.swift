internal import Collectives
internal import Configuration
internal import FoundationEssentials
internal import TensorEngine

extension ModelSetup {
  /// Decides which library computes the fp32 products of a run: the one that the configuration names, else what the run has
  /// computed with so far, else what is faster on rank 0's machine. All ranks take the same, as each library sums in an order
  /// of its own. Collective.
  ///
  /// - Parameters:
  ///   - kept: what the run has computed with so far; nil where it begins.
  ///   - faster: measures, or remembers, what is faster; nil takes OpenBLAS.
  ///   - warn: is told where this is not possible here.
  func decideProducts(
    kept: ProductChoice?, faster: (() throws -> ProductChoice)?, warn: (String) -> Void
  ) throws -> ProductChoice {
    let json = try onRoot("choosing the library of matrix products", communicator) {
      try Array(JSONEncoder().encode(configuration.products.choice ?? kept ?? measured(by: faster)))
    }
    let bytes = try broadcastFromRoot(json, "choice of the library of matrix products", communicator)
    var choice = try JSONDecoder().decode(ProductChoice.self, from: Data(bytes))
    if try communicator.any(choice.uses(.oneDNN) && !ProductTrial.oneDNNWorks, "products that oneDNN cannot compute") {
      warn(
        "products: oneDNN \(ProductTrial.oneDNNVersion) does not multiply fp32 as it should on one of these machines, so "
          + "OpenBLAS computes all products"
          + (kept == nil ? "" : ": the run goes on with other last bits than on the machine where it began"))
      choice = ProductChoice(.openBLAS)
    }
    engine.products = choice
    return choice
  }

  /// With bf16 hardly a product is left to fp32, while oneDNN has kernels of its own for convolutions.
  private func measured(by faster: (() throws -> ProductChoice)?) throws -> ProductChoice {
    engine.precision == .fp32 ? try faster?() ?? ProductChoice(.openBLAS) : .unmeasured
  }
}

extension RunConfiguration.Products {
  /// Nil leaves it to what is faster.
  fileprivate var choice: ProductChoice? {
    switch self {
    case .auto: nil
    case .openBLAS: ProductChoice(.openBLAS)
    case .oneDNN: ProductChoice(.oneDNN)
    }
  }
}
