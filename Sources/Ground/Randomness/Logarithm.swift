internal import Glibc

/// The natural logarithm of the C library, which rounds correctly enough to be the same on every glibc since 2.28.
func logarithm(_ value: Double) -> Double { log(value) }
