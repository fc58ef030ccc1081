// Activations: how a neuron answers its weighted sum. Each slope, a function of a = f(z), stands beneath its function.
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

// Calls f with a member of the family.
template <class T, class F> INLINE void with_activation(Activation activation, F f) {
    switch (activation) {
        case Activation::identity: return f(Identity<T>{});
        case Activation::relu: return f(Relu<T>{});
        case Activation::sigmoid: return f(Sigmoid<T>{});
        case Activation::tanh: return f(Tanh<T>{});
    }
}

// a = f(z) on n numbers, a multiple of a panel.
template <class T> void activate(Activation activation, T* z, int64_t n) {
    if (activation == Activation::identity) return;
    with_activation<T>(activation, [&](auto f) {
        for (int64_t i = 0; i < n; i += VW<T>) store<T>(z + i, f.f(load<T>(z + i)));
    });
}
// dz = da·f′(z) on n numbers.
template <class T> void backwards(Activation activation, const T* a, T* d, int64_t n) {
    if (activation == Activation::identity) return;
    with_activation<T>(activation, [&](auto f) {
        for (int64_t i = 0; i < n; i += VW<T>) store<T>(d + i, load<T>(d + i) * f.slope(load<T>(a + i)));
    });
}

}  // namespace
}  // namespace pellucid
