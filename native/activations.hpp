// Activations: how a neuron answers its weighted sum. Each slope stands beneath its function, as a function of a = f(z)
// where it is one.
#pragma once

#include "elementary.hpp"
#include "engine.hpp"

namespace pellucid {
namespace {

template <class T> struct Identity {
    static INLINE V<T> f(V<T> z) { return z; }
    static INLINE V<T> slope(V<T>) { return all<T>(T(1)); }
};
template <class T> struct Relu {
    static INLINE V<T> f(V<T> z) { return z <= T(0) ? V<T>{} : z; }  // NaN stays
    static INLINE V<T> slope(V<T> a) { return a > T(0) ? all<T>(T(1)) : V<T>{}; }
};
template <class T> struct Sigmoid {
    static INLINE V<T> f(V<T> z) { return sigmoid<T>(z); }
    static INLINE V<T> slope(V<T> a) { return a * (T(1) - a); }
};
template <class T> struct Tanh {
    static INLINE V<T> f(V<T> z) { return tanh<T>(z); }
    static INLINE V<T> slope(V<T> a) { return T(1) - a * a; }
};

template <class T> struct LeakyRelu {
    static INLINE V<T> f(V<T> z) { return z > T(0) ? z : z * T(0.01); }
    static INLINE V<T> slope(V<T> a) { return a > T(0) ? all<T>(T(1)) : all<T>(T(0.01)); }
};
// eᶻ − 1 for z ≤ 0; at −40 it is −1 already.
template <class T> INLINE V<T> falling(V<T> z) { return expm1<T>(z < T(-40) ? all<T>(T(-40)) : z > T(0) ? V<T>{} : z); }
template <class T> struct Elu {
    static INLINE V<T> f(V<T> z) { return z > T(0) ? z : falling<T>(z); }
    static INLINE V<T> slope(V<T> a) { return a > T(0) ? all<T>(T(1)) : a + T(1); }
};
template <class T> struct Selu {
    static constexpr T scale = T(1.0507009873554805), floor = T(1.7580993408473766);
    static INLINE V<T> f(V<T> z) { return z > T(0) ? z * scale : falling<T>(z) * floor; }
    static INLINE V<T> slope(V<T> a) { return a > T(0) ? all<T>(scale) : a + floor; }
};
template <class T> struct Softplus {
    static INLINE V<T> f(V<T> z) { return (z > T(0) ? z : V<T>{}) + log1p<T>(exp<T>(-magnitude<T>(z))); }
    // sigmoid(z), of a = ln(1 + eᶻ): (eᵃ − 1) / eᵃ.
    static INLINE V<T> slope(V<T> a) {
        const V<T> power = expm1<T>(a > T(40) ? all<T>(T(40)) : a);
        return power / (power + T(1));
    }
};

// These two are no function of a alone: their slope is computed with them, and kept. What is 0 at the end takes an
// infinite z to 0, as a finite one.
template <class T> struct Gelu {
    static INLINE V<T> f(V<T> z) {
        V<T> slope;
        return both(z, slope);
    }
    static INLINE V<T> both(V<T> z, V<T>& slope) {
        V<T> bell, above = normal_above<T>(magnitude<T>(z), bell);
        const V<T> below = z < T(0) ? above : T(1) - above, near = within<T>(z, T(40));
        slope = fma(near * bell, all<T>(T(0.3989422804014326779)), below);
        return (z > T(0) ? z : near) * below;
    }
};
template <class T> struct Silu {
    static INLINE V<T> f(V<T> z) {
        V<T> slope;
        return both(z, slope);
    }
    static INLINE V<T> both(V<T> z, V<T>& slope) {
        const V<T> power = exp<T>(-magnitude<T>(z)), whole = power + T(1), near = within<T>(z, T(1e30));
        const V<T> part = (z < T(0) ? power : all<T>(T(1))) / whole, rest = (z < T(0) ? all<T>(T(1)) : power) / whole;
        slope = part * fma(near, rest, all<T>(T(1)));
        return (z > T(0) ? z : near) * part;
    }
};

// Calls f with a member of the family.
template <class T, class F> INLINE void with_activation(Activation activation, F f) {
    switch (activation) {
        case Activation::identity: return f(Identity<T>{});
        case Activation::sigmoid: return f(Sigmoid<T>{});
        case Activation::tanh: return f(Tanh<T>{});
        case Activation::relu: return f(Relu<T>{});
        case Activation::leaky_relu: return f(LeakyRelu<T>{});
        case Activation::elu: return f(Elu<T>{});
        case Activation::selu: return f(Selu<T>{});
        case Activation::gelu: return f(Gelu<T>{});
        case Activation::silu: return f(Silu<T>{});
        case Activation::softplus: return f(Softplus<T>{});
    }
}
inline bool keeps_slopes(Activation activation) { return activation == Activation::gelu || activation == Activation::silu; }

// a = f(z) on n numbers, a multiple of a panel; `slopes`: where they go if they are kept.
template <class T> void activate(Activation activation, T* z, int64_t n, T* slopes = nullptr) {
    if (activation == Activation::identity) return;
    with_activation<T>(activation, [&](auto f) {
        if constexpr (requires(V<T> v) { f.both(v, v); }) {
            if (slopes) {
                for (int64_t i = 0; i < n; i += VW<T>) {
                    V<T> slope;
                    store<T>(z + i, f.both(load<T>(z + i), slope));
                    store<T>(slopes + i, slope);
                }
                return;
            }
        }
        for (int64_t i = 0; i < n; i += VW<T>) store<T>(z + i, f.f(load<T>(z + i)));
    });
}
// dz = da·f′(z) on n numbers, of a, or of the slopes that were kept.
template <class T> void backwards(Activation activation, const T* a, const T* slopes, T* d, int64_t n) {
    if (activation == Activation::identity) return;
    with_activation<T>(activation, [&](auto f) {
        if constexpr (requires(V<T> v) { f.both(v, v); }) {
            for (int64_t i = 0; i < n; i += VW<T>) store<T>(d + i, load<T>(d + i) * load<T>(slopes + i));
        } else {
            for (int64_t i = 0; i < n; i += VW<T>) store<T>(d + i, load<T>(d + i) * f.slope(load<T>(a + i)));
        }
    });
}

}  // namespace
}  // namespace pellucid
