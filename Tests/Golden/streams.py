"""mmtrain's random numbers by their definition, written down once more: Philox-4x32-10, Lemire's bounded integers."""

MASK = (1 << 64) - 1


def mix(z):
    """SplitMix64's last steps."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def words(seed, *path):
    """The 32-bit words of the stream with this name."""
    domain = mix(seed + 0x9E3779B97F4A7C15 & MASK)
    key = domain & 0xFFFFFFFF, domain >> 32
    for part in path:
        domain = mix(domain ^ mix(part + 0x9E3779B97F4A7C15 & MASK))
    counter = 0
    while True:
        c, k = [counter & 0xFFFFFFFF, counter >> 32, domain & 0xFFFFFFFF, domain >> 32], list(key)
        for _ in range(10):
            p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [q >> 32 ^ c[1] ^ k[0], q & 0xFFFFFFFF, p >> 32 ^ c[3] ^ k[1], p & 0xFFFFFFFF]
            k = [k[0] + 0x9E3779B9 & 0xFFFFFFFF, k[1] + 0xBB67AE85 & 0xFFFFFFFF]
        yield from c
        counter += 1


def below(stream, bound):
    while True:
        product = next(stream) * bound
        if product & 0xFFFFFFFF >= (1 << 32) % bound:
            return product >> 32
