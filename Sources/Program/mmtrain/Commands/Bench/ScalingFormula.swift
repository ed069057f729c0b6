/// The formula of `ScalingModel` in words, for docs/scaling.md.
let formulaText = """
  ## The formula

  n nodes of r ranks, B pairs in the global batch, S bytes of gradient, F = 4·B·D bytes of one tower's features (D: embedding
  width). α is what a message between nodes costs, β a byte; m is what a meeting of a node's ranks costs, μ a byte that they
  read or write in the node's memory. K = ⌈S/r / 25 MiB⌉ buckets.

  | term | seconds | what happens |
  |---|---|---|
  | compute | core-seconds of the node's pairs / cores | forward, backward |
  | sum in node | 4m + (2r + 1)·S·μ, nothing for r = 1 | each rank reads its part of r copies, writes the sum, then its new weights to the r − 1 others |
  | slices | 2K(n−1 + ⌈log₂n⌉)α + 2(n−1)/n·S·β + (n+1)/n·S·μ | all-to-all, adding, all-gather, a barrier before each, rank i of each node with rank i of the others; bf16 halves the second part |
  | optimizer | seconds of one node | norm and AdamW, each rank its part; repeated on every node |
  | features | 2·[(R + 2C)(n−1)α + 3(n−1)/n·F·β + (6r + 1)·F·μ] | all-gather of both towers' features in R rounds of a slot, sums of their gradients in C chunks of 2 MiB |
  | small calls | 8·(2m + 2⌈log₂n⌉α) | losses, norm, comparisons of calls |

  With overlap the slices cost max(slices / K, slices − ⅔·compute), and K = ⌈S / 25 MiB⌉, as the ranks of a node take turns.
  α, β, m and μ are fitted to transfers of several sizes (least squares of relative errors).

  """
