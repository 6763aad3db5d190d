// What estimates reckon with. The engine brings no mathematics library; these are the same on every platform.

import BoxOfficeProtocol

extension Microseconds {
    /// As a number of seconds, for estimates: not exact for spans of centuries.
    var seconds: Double { Double(count) / 1_000_000 }
}

/// Of a number from 1 on: halves, and the series of the inverse hyperbolic tangent.
func naturalLogarithm(_ value: Double) -> Double {
    let t = (value.significand - 1) / (value.significand + 1)
    var (term, sum, n) = (t, 0.0, 1.0)
    while n < 40 {
        sum += term / n
        term *= t * t
        n += 2
    }
    return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
}

/// What is left after `x` when everything decays at a rate of 1, for `x` from 0 on: halves, and the series of the rest.
func decay(_ x: Double) -> Double {
    guard x < 700 else { return 0 }
    let halves = (x * 1.442_695_040_888_963_4).rounded(.down)
    let rest = x - halves * 0.693_147_180_559_945_3
    var (term, sum, n) = (1.0, 1.0, 1.0)
    while n < 18 {
        term *= -rest / n
        sum += term
        n += 1
    }
    return Double(sign: .plus, exponent: -Int(halves), significand: sum)
}
