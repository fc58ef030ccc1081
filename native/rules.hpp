// What is made of a gradient: the optimisers' steps, element by element, fused onto the block that holds the sums.
#pragma once

#include "elementary.hpp"
#include "engine.hpp"

namespace pellucid {
namespace {

// The power of a whole exponent, by squaring from the highest bit down: as in pellucid.arithmetic.
inline double integer_power(double base, int64_t exponent) {
    double result = 1;
    for (int bit = exponent ? 63 - __builtin_clzll(uint64_t(exponent)) : -1; bit >= 0; --bit) {
        result *= result;
        if (exponent >> bit & 1) result *= base;
    }
    return result;
}

// The settings of one step, rounded to the network's type once.
template <class T> struct Step {
    Step() = default;
    // layer_rate: the layer's factor of the rate.
    Step(const Training& job, int64_t step, double rate, double layer_rate, double total_weight) {
        rate *= layer_rate;
        const int64_t t = step + 1;
        total = T(total_weight);
        int exponent;
        exact = __builtin_frexp(double(total), &exponent) == 0.5 && total >= T(1);  // dividing by 2ⁿ is multiplying by 2⁻ⁿ
        inverse = T(1) / total;
        l1 = T(job.l1), l2 = T(job.l2_of(total_weight));
        clip = T(job.clip_value);
        this->rate = T(rate);
        beta_1 = T(job.beta_1), beta_2 = T(job.beta_2);
        rest_1 = T(1 - job.beta_1), rest_2 = T(1 - job.beta_2);
        epsilon = T(job.epsilon);
        kept = T(1 - rate * job.decay);
        more = job.l1 != 0 || job.clip_value != 0 || job.decay != 0;
        if (slots_of(job.rule) == 2) {
            this->rate = T(rate / (1 - integer_power(job.beta_1, t)));
            const double root = 1 / __builtin_sqrt(1 - integer_power(job.beta_2, t));
            this->root = T(root);
            if (job.hat) epsilon = T(job.epsilon * root);
        }
        momentum = T(job.momentum);
    }
    // The same step, of a gradient that is whole and penalised already, times a factor.
    Step scaled(T factor) const {
        Step step = *this;
        step.exact = true, step.inverse = factor, step.l1 = step.l2 = T(0), step.more = kept != T(1);
        return step;
    }
    T total{}, inverse{}, l1{}, l2{}, clip{}, rate{}, beta_1{}, beta_2{}, rest_1{}, rest_2{}, root{}, epsilon{}, momentum{}, kept{};
    bool exact = false, more = false;  // more: what few jobs ask for, l1, clip or decay
};

template <class T> INLINE V<T> flushed(V<T> v) { return magnitude<T>(v) < T(0x1p-100) ? V<T>{} : v; }

// w, and what the optimiser keeps, from the gradient g. `seen` watches that all stays finite.
template <class T, Rule rule> INLINE void one_step(const Step<T>& step, V<T> g, V<T>& w, V<T>& m, V<T>& v, V<T>& seen) {
    if constexpr (rule == Rule::sgd) {
        w = fma(all<T>(-step.rate), g, w);
    } else if constexpr (rule == Rule::momentum || rule == Rule::nesterov) {
        m = flushed<T>(fma(all<T>(step.momentum), m, g));
        w = fma(all<T>(-step.rate), rule == Rule::nesterov ? fma(all<T>(step.momentum), m, g) : m, w);
        seen = watch<T>(seen, m);
    } else if constexpr (rule == Rule::velocity || rule == Rule::velocity_nesterov) {
        const V<T> down = all<T>(-step.rate) * g;
        m = flushed<T>(fma(all<T>(step.momentum), m, down));
        w = w + (rule == Rule::velocity_nesterov ? fma(all<T>(step.momentum), m, down) : m);
        seen = watch<T>(seen, m);
    } else if constexpr (rule == Rule::rmsprop || rule == Rule::adagrad) {
        m = flushed<T>(rule == Rule::adagrad ? fma(g, g, m) : fma(all<T>(step.beta_2), m, all<T>(step.rest_2) * (g * g)));
        w = fma(all<T>(-step.rate), g / (root(m) + step.epsilon), w);
        seen = watch<T>(seen, m);
    } else {
        m = flushed<T>(fma(all<T>(step.beta_1), m, all<T>(step.rest_1) * g));
        v = flushed<T>(fma(all<T>(step.beta_2), v, all<T>(step.rest_2) * (g * g)));
        w = fma(all<T>(-step.rate), m / fma(root(v), all<T>(step.root), all<T>(step.epsilon)), w);
        seen = watch<T>(watch<T>(seen, m), v);
    }
    seen = watch<T>(seen, w);
}

// Where a block of sums belongs: rows (inputs, then the bias) from i on, columns (units) from j on.
template <class T> struct Block {
    const T* sums;
    int64_t width;  // numbers from one row of sums to the next
    int64_t i, rows, j, columns, n_in, n_out;
    T *w, *m, *v;  // of the whole layer
};

template <class T, Rule rule, bool exact, bool more> void update_as(const Step<T>& step, const Block<T>& block, V<T>& seen) {
    const T factor = exact ? step.inverse : step.total;
    for (int64_t r = 0; r < block.rows; ++r) {
        const bool decays = step.l2 != T(0) && block.i + r < block.n_in;
        for (int64_t c = 0; c < block.columns; c += VW<T>) {
            const int n = int(block.columns - c < VW<T> ? block.columns - c : VW<T>);
            const int64_t at = (block.i + r) * block.n_out + block.j + c;
            V<T> g = load_first<T>(block.sums + r * block.width + c, n);
            V<T> w = load_first<T>(block.w + at, n), m{}, v{};
            g = exact ? g * factor : g / factor;
            if (decays) g = fma(all<T>(step.l2), w, g);
            if constexpr (more) {
                if (block.i + r < block.n_in) g = g + (w > T(0) ? all<T>(step.l1) : w < T(0) ? all<T>(-step.l1) : V<T>{});
                if (step.clip != T(0)) g = within<T>(g, step.clip);
                w = w * step.kept;
            }
            if constexpr (rule == Rule::gradient) {
                store_first<T>(block.m + at, g, n);
            } else {
                if constexpr (rule != Rule::sgd) m = load_first<T>(block.m + at, n);
                if constexpr (slots_of(rule) == 2) v = load_first<T>(block.v + at, n);
                one_step<T, rule>(step, g, w, m, v, seen);
                store_first<T>(block.w + at, w, n);
                if constexpr (rule != Rule::sgd) store_first<T>(block.m + at, m, n);
                if constexpr (slots_of(rule) == 2) store_first<T>(block.v + at, v, n);
            }
        }
    }
}

template <class T> void update(Rule rule, const Step<T>& step, const Block<T>& block, V<T>& seen) {
    const auto as = [&]<Rule r>() {
        if (step.more) return step.exact ? update_as<T, r, true, true>(step, block, seen) : update_as<T, r, false, true>(step, block, seen);
        step.exact ? update_as<T, r, true, false>(step, block, seen) : update_as<T, r, false, false>(step, block, seen);
    };
    switch (rule) {
        case Rule::gradient: return as.template operator()<Rule::gradient>();
        case Rule::sgd: return as.template operator()<Rule::sgd>();
        case Rule::momentum: return as.template operator()<Rule::momentum>();
        case Rule::nesterov: return as.template operator()<Rule::nesterov>();
        case Rule::adam: return as.template operator()<Rule::adam>();
        case Rule::rmsprop: return as.template operator()<Rule::rmsprop>();
        case Rule::adagrad: return as.template operator()<Rule::adagrad>();
        case Rule::velocity: return as.template operator()<Rule::velocity>();
        case Rule::velocity_nesterov: return as.template operator()<Rule::velocity_nesterov>();
    }
}

}  // namespace
}  // namespace pellucid
