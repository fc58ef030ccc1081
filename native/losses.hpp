// Losses: for a panel of samples, L of each and dL/d(output), which is not yet divided by the total weight.
#pragma once

#include "elementary.hpp"
#include "engine.hpp"
#include "products.hpp"

namespace pellucid {
namespace {

// What a panel of samples is judged by: targets and weights of its samples, row by row; what comes out for each.
template <class T> struct Judged {
    const int64_t* rows;  // of the data, for the n ≤ PW samples of the panel
    int n;
    int64_t n_out;
    const void* targets;
    const T* weights;  // by row of the data, or null
    double* losses;    // n: weight times loss
    int64_t hits;
};

template <class T> INLINE V<T> target(const Judged<T>& judged, int64_t j, int v) {
    V<T> t{};
    for (int l = 0; l < VW<T> && v * VW<T> + l < judged.n; ++l)
        t[l] = static_cast<const T*>(judged.targets)[judged.rows[v * VW<T> + l] * judged.n_out + j];
    return t;
}

// L = ln Σ eᶻ − z_t;  dL/dz = p − [j = t].
template <class T> V<T> cross_entropy(const T* z, T* d, Judged<T>& judged, int v) {
    const int64_t n_out = judged.n_out;
    VI<T> t{}, best{};
    for (int l = 0; l < VW<T> && v * VW<T> + l < judged.n; ++l)
        t[l] = static_cast<const int64_t*>(judged.targets)[judged.rows[v * VW<T> + l]];
    V<T> top = load<T>(z + v * VW<T>);
    for (int64_t j = 1; j < n_out; ++j) {
        const V<T> own = load<T>(z + j * PW<T> + v * VW<T>);
        const VI<T> more = own > top;
        top = more ? own : top;
        best = more ? VI<T>{} + typename SimdOf<T>::I(j) : best;
    }
    V<T> total{}, of_class{};
    for (int64_t j = 0; j < n_out; ++j) {
        const V<T> own = load<T>(z + j * PW<T> + v * VW<T>);
        const V<T> shifted = own == top ? V<T>{} : own - top;
        const V<T> power = exp<T>(shifted);
        total = total + power;
        of_class = t == typename SimdOf<T>::I(j) ? shifted : of_class;
        store<T>(d + j * PW<T> + v * VW<T>, power);
    }
    for (int64_t j = 0; j < n_out; ++j) {
        T* p = d + j * PW<T> + v * VW<T>;
        const V<T> one = t == typename SimdOf<T>::I(j) ? all<T>(T(1)) : V<T>{};
        store<T>(p, load<T>(p) / total - one);
    }
    for (int l = 0; l < VW<T> && v * VW<T> + l < judged.n; ++l) judged.hits += best[l] == t[l];
    return log<T>(total) - of_class;
}

// L = mean of max(s, 0) + ln(1 + e⁻ˢ), s = (1 − 2t)·z;  dL/dz = (sigmoid(z) − t) / n_out.
template <class T> V<T> binary_cross_entropy(const T* z, T* d, Judged<T>& judged, int v) {
    const T n_out = T(judged.n_out);
    V<T> sum{};
    VI<T> right = ~VI<T>{};
    for (int64_t j = 0; j < judged.n_out; ++j) {
        const V<T> own = load<T>(z + j * PW<T> + v * VW<T>), t = target(judged, j, v);
        const V<T> s = t == T(1) ? -own : own;
        sum = sum + ((s > T(0) ? s : V<T>{}) + log1p<T>(exp<T>(-magnitude<T>(s)))) / n_out;
        store<T>(d + j * PW<T> + v * VW<T>, (sigmoid<T>(own) - t) / n_out);
        right = right & ~((own > T(0)) ^ (t == T(1)));
    }
    for (int l = 0; l < VW<T> && v * VW<T> + l < judged.n; ++l) judged.hits += right[l] != 0;
    return sum;
}

// L = mean of (a − t)²;  dL/da = 2·(a − t) / n_out.
template <class T> V<T> mse(const T* z, T* d, Judged<T>& judged, int v) {
    V<T> sum{};
    for (int64_t j = 0; j < judged.n_out; ++j) {
        const V<T> apart = load<T>(z + j * PW<T> + v * VW<T>) - target(judged, j, v);
        sum = fma(apart, apart, sum);
        store<T>(d + j * PW<T> + v * VW<T>, apart * T(2.0 / double(judged.n_out)));
    }
    return sum / T(judged.n_out);
}

// z, d: the panel's outputs and their slopes, n_out rows. Slopes carry the samples' weights; where there is no sample,
// they are 0.
template <class T> void judge(Loss loss, const T* z, T* d, Judged<T>& judged) {
    for (int v = 0; v < PV<T>; ++v) {
        const V<T> L = loss == Loss::cross_entropy          ? cross_entropy<T>(z, d, judged, v)
                       : loss == Loss::binary_cross_entropy ? binary_cross_entropy<T>(z, d, judged, v)
                                                            : mse<T>(z, d, judged, v);
        V<T> weight{};
        VI<T> there{};
        for (int l = 0; l < VW<T>; ++l) {
            const int s = v * VW<T> + l;
            if (s >= judged.n) continue;
            const T w = judged.weights ? judged.weights[judged.rows[s]] : T(1);
            weight[l] = w;
            there[l] = -1;
            judged.losses[s] = w == T(0) ? 0.0 : double(w) * double(L[l]);  // NaN · 0 is of no weight either
        }
        if (!judged.weights && judged.n == PW<T>) continue;
        for (int64_t j = 0; j < judged.n_out; ++j) {
            T* p = d + j * PW<T> + v * VW<T>;
            store<T>(p, there ? load<T>(p) * weight : V<T>{});
        }
    }
}

}  // namespace
}  // namespace pellucid
