import Glibc

// C's functions under full names, so that stages read like the formulas that they implement.

@inline(__always)
func naturalLogarithm(_ x: Float) -> Float { logf(x) }

@inline(__always)
func naturalLogarithm(_ x: Double) -> Double { log(x) }

@inline(__always)
func binaryLogarithm(_ x: Float) -> Float { log2f(x) }

@inline(__always)
func binaryLogarithm(_ x: Double) -> Double { log2(x) }

@inline(__always)
func exponential(_ x: Double) -> Double { exp(x) }

@inline(__always)
func exponential(_ x: Float) -> Float { expf(x) }

@inline(__always)
func power(_ base: Float, _ exponent: Float) -> Float { powf(base, exponent) }
