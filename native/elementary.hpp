// Elementary functions made of + − × ÷ fma and exact scaling by powers of two alone, in a written order: the same bits
// on every machine. Accuracy is stated with each and tested against exact values (tests/engine/test_elementary.py).
//
// Source: the reductions and series of any calculus book; the error bounds are ours, by test.
#pragma once

#include "simd.hpp"

namespace pellucid {
namespace {

template <class T> struct Constants;
template <> struct Constants<float> {
    static constexpr float magic = 12582912.0f;  // 1.5·2²³: adding it rounds to a whole number
    static constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
    static constexpr float largest_exponent = 89.0f, smallest_exponent = -104.0f;
    static constexpr int mantissa_bits = 23, bias = 127, exp_terms = 7, atanh_terms = 5, normal_terms = 12;
};
template <> struct Constants<double> {
    static constexpr double magic = 6755399441055744.0;  // 1.5·2⁵²
    static constexpr double ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b3ap-40;
    static constexpr double largest_exponent = 710.0, smallest_exponent = -746.0;
    static constexpr int mantissa_bits = 52, bias = 1023, exp_terms = 13, atanh_terms = 11, normal_terms = 24;
};

constexpr double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }

// x, held within ± most; NaN for NaN.
template <class T> INLINE V<T> within(V<T> x, T most) { return x > most ? all<T>(most) : x < -most ? all<T>(-most) : x; }

// 2ᵏ for −bias < k ≤ bias.
template <class T> INLINE V<T> power_of_two(VI<T> k) {
    using C = Constants<T>;
    return (V<T>)((k + C::bias) << C::mantissa_bits);
}

// x = k·ln 2 + r with |r| ≤ ½·ln 2; returns r.
template <class T> INLINE V<T> reduced(V<T> x, VI<T>& k) {
    using C = Constants<T>;
    V<T> shifted = fma(x, all<T>(T(0x1.71547652b82fep+0)), all<T>(C::magic));
    V<T> whole = shifted - C::magic;
    k = bits<T>(shifted) - bits<T>(all<T>(C::magic));
    return fma(whole, all<T>(-C::ln2_low), fma(whole, all<T>(-C::ln2_high), x));
}

// eʳ − 1 for |r| ≤ ½·ln 2: r + r²·(1/2! + r/3! + …).
template <class T> INLINE V<T> exp_series(V<T> r) {
    constexpr int n = Constants<T>::exp_terms;
    V<T> sum = all<T>(T(1.0 / factorial(n)));
#pragma GCC unroll 16
    for (int i = n - 1; i >= 2; --i) sum = fma(sum, r, all<T>(T(1.0 / factorial(i))));
    return fma(r * r, sum, r);
}

// eˣ, within 2 units in the last place; +∞ above the range, 0 below it, NaN for NaN.
template <class T> INLINE V<T> exp(V<T> x) {
    using C = Constants<T>;
    x = x > C::largest_exponent ? all<T>(C::largest_exponent) : x;
    x = x < C::smallest_exponent ? all<T>(C::smallest_exponent) : x;
    VI<T> k;
    V<T> r = reduced<T>(x, k);
    VI<T> half = k >> 1;
    return (exp_series<T>(r) + T(1)) * power_of_two<T>(half) * power_of_two<T>(k - half);
}

// eˣ − 1 for |x| ≤ 40, within 2 units in the last place; NaN for NaN.
template <class T> INLINE V<T> expm1(V<T> x) {
    VI<T> k;
    V<T> r = reduced<T>(x, k);
    V<T> power = power_of_two<T>(k);
    return fma(power, exp_series<T>(r), power - T(1));
}

// ln x for normal x > 0, within 2 units in the last place: x = 2ᵏ·m with m in [√½, √2), then k·ln 2 + 2·artanh s,
// s = (m − 1) / (m + 1).
template <class T> INLINE V<T> log(V<T> x) {
    using C = Constants<T>;
    using I = typename SimdOf<T>::I;
    constexpr I one = I(C::bias) << C::mantissa_bits, fraction = (I(1) << C::mantissa_bits) - 1;
    VI<T> b = bits<T>(x);
    VI<T> k = (b >> C::mantissa_bits) - C::bias;
    V<T> m = (V<T>)((b & fraction) | one);
    VI<T> high = m > T(0x1.6a09e667f3bcdp+0);
    m = high ? m * T(0.5) : m;
    k = high ? k + 1 : k;
    V<T> kf = __builtin_convertvector(k, V<T>);
    V<T> s = (m - T(1)) / (m + T(1));
    V<T> s2 = s * s;
    V<T> sum = all<T>(T(1.0 / (2 * C::atanh_terms + 1)));
#pragma GCC unroll 16
    for (int i = C::atanh_terms - 1; i >= 1; --i) sum = fma(sum, s2, all<T>(T(1.0 / (2 * i + 1))));
    V<T> twice = s + s;
    V<T> tail = fma(twice, s2 * sum, kf * C::ln2_low);
    V<T> result = fma(kf, all<T>(C::ln2_high), twice + tail);
    return x == x && x < T(__builtin_huge_val()) ? result : x;
}

// ln(1 + u) for 0 ≤ u ≤ 1, within 3 units in the last place: what rounding 1 + u lost is added back.
template <class T> INLINE V<T> log1p(V<T> u) {
    V<T> y = u + T(1);
    return log<T>(y) + (u - (y - T(1))) / y;
}

template <class T> INLINE V<T> sigmoid(V<T> z) {
    V<T> power = exp<T>(-magnitude<T>(z));
    return (z < T(0) ? power : all<T>(T(1))) / (power + T(1));
}

// How much of a normal distribution lies above y ≥ 0, and its density's e^(−y²/2), within 7 units in the last place. The first
// is the second times a smooth function of y, which is (a polynomial in t) / (1 + y/2), t = (y − 4) / (y + 4): Chebyshev's
// coefficients below, computed to 50 digits; the rest is below 10⁻¹⁷ (in float 10⁻⁸) of it.
constexpr double ABOVE[] = {
    0.3169374006598055461,     -0.1466973085143761915,    0.03330842274696809916,    -0.003874190211948937644,
    -0.0004551767973368346074, 0.000306361391138842118,   -0.00005656121594819273084, 8.676987107256017995e-7,
    1.521936053600935472e-6,   -1.67514061517758279e-7,   -3.838331797490341315e-8,  7.53907513837894586e-9,
    1.202009395059737142e-9,   -2.991985373468322705e-10, -5.033157740554466519e-11, 1.13981270927852471e-11,
    2.592928247420930965e-12,  -3.880526763801645848e-13, -1.442944165945838196e-13, 8.325887481367680418e-15,
    7.84018624511656651e-15,   3.011107172417298818e-16,  -3.798724823242381344e-16, -5.851710885465231423e-17};

template <class T> INLINE V<T> normal_above(V<T> y, V<T>& bell) {
    constexpr int terms = Constants<T>::normal_terms;
    y = y > T(40) ? all<T>(T(40)) : y;
    const V<T> square = y * y;
    bell = exp<T>(square * T(-0.5));
    bell = fma(bell, fma(y, y, -square) * T(-0.5), bell);  // what rounding y² lost
    const V<T> twice = (y - T(4)) / (y + T(4)) * T(2);
    V<T> own{}, before{};  // Clenshaw's recurrence
#pragma GCC unroll 32
    for (int i = terms - 1; i >= 1; --i) {
        const V<T> next = fma(twice, own, T(ABOVE[i]) - before);
        before = own, own = next;
    }
    return bell * (fma(twice * T(0.5), own, T(ABOVE[0]) - before) / fma(y, all<T>(T(0.5)), all<T>(T(1))));
}

// tanh z = e / (e + 2) with e = e²ᶻ − 1, for z ≥ 0; odd.
template <class T> INLINE V<T> tanh(V<T> z) {
    V<T> twice = magnitude<T>(z) * T(2);
    twice = twice > T(40) ? all<T>(T(40)) : twice;
    V<T> e = expm1<T>(twice);
    V<T> t = e / (e + T(2));
    return z < T(0) ? -t : t;
}

}  // namespace
}  // namespace pellucid
