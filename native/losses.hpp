// Losses: for a panel of samples, L of each and dL/d(output), which is not yet divided by the total weight.
#pragma once

#include <limits>

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
    double factor;     // of the loss
    const T* weights;  // by row of the data, or null
    const std::vector<double>& settings;  // of the loss
    double* losses;    // n: weight times loss
    int64_t hits;
};

template <class T> INLINE V<T> target(const Judged<T>& judged, int64_t j, int v) {
    V<T> t{};
    for (int l = 0; l < VW<T> && v * VW<T> + l < judged.n; ++l)
        t[l] = static_cast<const T*>(judged.targets)[judged.rows[v * VW<T> + l] * judged.n_out + j];
    return t;
}

// L = ln Σ eᶻ − Σ q·z;  dL/dz = p − q, with q = [j = t], or, smoothed by ε, (1 − ε)·[j = t] + ε / n_out.
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
    const T spread = T(judged.settings[0]), rest = T(1 - judged.settings[0]), each = T(judged.settings[0] / double(n_out));
    V<T> total{}, of_class{}, mean{};
    for (int64_t j = 0; j < n_out; ++j) {
        const V<T> own = load<T>(z + j * PW<T> + v * VW<T>);
        const V<T> shifted = own == top ? V<T>{} : own - top;
        const V<T> power = exp<T>(shifted);
        total = total + power;
        of_class = t == typename SimdOf<T>::I(j) ? shifted : of_class;
        if (spread != T(0)) mean = fma(all<T>(each), shifted, mean);
        store<T>(d + j * PW<T> + v * VW<T>, power);
    }
    for (int64_t j = 0; j < n_out; ++j) {
        T* p = d + j * PW<T> + v * VW<T>;
        const V<T> own = t == typename SimdOf<T>::I(j) ? all<T>(rest + each) : all<T>(each);
        store<T>(p, load<T>(p) / total - own);
    }
    for (int l = 0; l < VW<T> && v * VW<T> + l < judged.n; ++l) judged.hits += best[l] == t[l];
    return log<T>(total) - (spread != T(0) ? fma(all<T>(rest), of_class, mean) : of_class);
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

// L = mean of |a − t|;  dL/da = ±1 / n_out, 0 where they are equal.
template <class T> V<T> mae(const T* z, T* d, Judged<T>& judged, int v) {
    const T n_out = T(judged.n_out);
    V<T> sum{};
    for (int64_t j = 0; j < judged.n_out; ++j) {
        const V<T> apart = load<T>(z + j * PW<T> + v * VW<T>) - target(judged, j, v);
        sum = sum + magnitude<T>(apart) / n_out;
        const V<T> sign = apart > T(0) ? all<T>(T(1)) : apart < T(0) ? all<T>(T(-1)) : apart;
        store<T>(d + j * PW<T> + v * VW<T>, sign / n_out);
    }
    return sum;
}

// L = mean of ½·e² where |e| ≤ δ, else δ·(|e| − ½·δ), e = a − t;  dL/da = e within ±δ, / n_out.
template <class T> V<T> huber(const T* z, T* d, Judged<T>& judged, int v) {
    const T n_out = T(judged.n_out), delta = T(judged.settings[0]);
    V<T> sum{};
    for (int64_t j = 0; j < judged.n_out; ++j) {
        const V<T> apart = load<T>(z + j * PW<T> + v * VW<T>) - target(judged, j, v), size = magnitude<T>(apart);
        const V<T> near = size > delta ? all<T>(delta) : size;
        sum = sum + near * (size - near * T(0.5)) / n_out;
        store<T>(d + j * PW<T> + v * VW<T>, (apart > delta ? all<T>(delta) : apart < -delta ? all<T>(-delta) : apart) / n_out);
    }
    return sum;
}

// L = mean of q·e where e = t − a > 0, else (q − 1)·e;  dL/da = −q or 1 − q, / n_out, 0 where they are equal.
template <class T> V<T> pinball(const T* z, T* d, Judged<T>& judged, int v) {
    const T n_out = T(judged.n_out);
    V<T> sum{};
    for (int64_t j = 0; j < judged.n_out; ++j) {
        const double quantile = judged.settings[size_t(j) % judged.settings.size()];
        const T q = T(quantile), rest = T(1 - quantile);
        const V<T> apart = target(judged, j, v) - load<T>(z + j * PW<T> + v * VW<T>);
        sum = sum + (apart > T(0) ? apart * q : apart * -rest) / n_out;
        store<T>(d + j * PW<T> + v * VW<T>, (apart > T(0) ? all<T>(-q) : apart < T(0) ? all<T>(rest) : apart) / n_out);
    }
    return sum;
}

// L = mean of e^z − t − t·u, u = z − ln t, near u = 0 as t·(e^u − 1 − u); e^z where t is 0;  dL/dz = (e^z − t) / n_out.
template <class T> V<T> poisson(const T* z, T* d, Judged<T>& judged, int v) {
    constexpr T least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
    const T n_out = T(judged.n_out);
    V<T> sum{};
    for (int64_t j = 0; j < judged.n_out; ++j) {
        const V<T> own = load<T>(z + j * PW<T> + v * VW<T>), t = target(judged, j, v), power = exp<T>(own);
        const V<T> u = own - log<T>(t > least ? t : all<T>(least));
        const V<T> rest = expm1<T>(within<T>(u, T(1))) - u;  // ≥ 0, but for rounding
        const V<T> near = t * (rest < T(0) ? V<T>{} : rest), far = power - t - t * u;
        const V<T> some = magnitude<T>(u) > T(1) ? far : near;
        sum = sum + (power > most || t == T(0) ? power : some) / n_out;
        store<T>(d + j * PW<T> + v * VW<T>, (power - t) / n_out);
    }
    return sum;
}

// z, d: the panel's outputs and their slopes, n_out rows. Slopes carry the samples' weights; where there is no sample,
// they are 0.
template <class T> void judge(Loss loss, const T* z, T* d, Judged<T>& judged) {
    for (int v = 0; v < PV<T>; ++v) {
        V<T> L = loss == Loss::cross_entropy          ? cross_entropy<T>(z, d, judged, v)
                       : loss == Loss::binary_cross_entropy ? binary_cross_entropy<T>(z, d, judged, v)
                       : loss == Loss::mse                  ? mse<T>(z, d, judged, v)
                       : loss == Loss::mae                  ? mae<T>(z, d, judged, v)
                       : loss == Loss::huber                ? huber<T>(z, d, judged, v)
                       : loss == Loss::pinball              ? pinball<T>(z, d, judged, v)
                                                            : poisson<T>(z, d, judged, v);
        if (judged.factor != 1) {
            L = L * T(judged.factor);
            for (int64_t j = 0; j < judged.n_out; ++j) {
                T* p = d + j * PW<T> + v * VW<T>;
                store<T>(p, load<T>(p) * T(judged.factor));
            }
        }
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

// The losses of rows of outputs.
template <class T> void losses_of(const Net& net, const T* output, const void* targets, int64_t rows, double* losses) {
    const int64_t n_out = net.n_out();
    Buffer<T> z(n_out * PW<T>), d(n_out * PW<T>);
    for (int64_t first = 0; first < rows; first += PW<T>) {
        const int n = int(std::min<int64_t>(PW<T>, rows - first));
        int64_t row[PW<T>];
        for (int s = 0; s < n; ++s) {
            row[s] = first + s;
            for (int64_t j = 0; j < n_out; ++j) z[j * PW<T> + s] = output[(first + s) * n_out + j];
        }
        Judged<T> judged{row, n, n_out, targets, net.loss_factor, nullptr, net.loss_settings, losses + first, 0};
        judge<T>(net.loss, z.get(), d.get(), judged);
    }
}

}  // namespace
}  // namespace pellucid
