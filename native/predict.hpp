// The output of the network for rows of a table: one row as fast as many.
#pragma once

#include <algorithm>
#include <atomic>

#include "activations.hpp"
#include "products.hpp"
#include "team.hpp"

namespace pellucid {
namespace {

// One row, units side by side. Each sum has the order of `forward_product`, so it has its bits.
template <class T>
void row_product(const T* W, int64_t n_in, int64_t n_out, const T* x, T* z) {
    constexpr int N = 8;
    for (int64_t j = 0; j < n_out; j += N * VW<T>) {
        const int64_t left = n_out - j;
        const T* w = W + j;
        if (left >= N * VW<T>) {
            V<T> s[N] = {};
            for (int64_t i = 0; i < n_in; ++i, w += n_out)
#pragma GCC unroll 8
                for (int n = 0; n < N; ++n) s[n] = fma(all<T>(x[i]), load<T>(w + n * VW<T>), s[n]);
#pragma GCC unroll 8
            for (int n = 0; n < N; ++n) store<T>(z + j + n * VW<T>, s[n] + load<T>(w + n * VW<T>) + T(0));
            continue;
        }
        for (int64_t c = 0; c < left;) {
            const auto some = [&]<int M>() {
                const T* u = w + c;
                V<T> s[M] = {};
                if (left - c >= M * VW<T>) {
                    for (int64_t i = 0; i < n_in; ++i, u += n_out)
#pragma GCC unroll 4
                        for (int n = 0; n < M; ++n) s[n] = fma(all<T>(x[i]), load<T>(u + n * VW<T>), s[n]);
#pragma GCC unroll 4
                    for (int n = 0; n < M; ++n) store<T>(z + j + c + n * VW<T>, s[n] + load<T>(u + n * VW<T>) + T(0));
                } else {
                    for (int64_t i = 0; i < n_in; ++i, u += n_out) s[0] = fma(all<T>(x[i]), load_first<T>(u, int(left - c)), s[0]);
                    store<T>(z + j + c, s[0] + load_first<T>(u, int(left - c)) + T(0));
                }
                c += M * VW<T>;
            };
            if (left - c >= 4 * VW<T>) some.template operator()<4>();
            else if (left - c >= 2 * VW<T>) some.template operator()<2>();
            else some.template operator()<1>();
        }
    }
}

template <class T> class Predictor {
  public:
    Predictor(const Net& net, const T* parameters, const Table& X, int64_t rows, T* output, bool shown)
        : net_(net), parameters_(parameters), X_(X), rows_(rows), output_(output), scaling_(net) {
        softmax_ = shown && net.loss == Loss::cross_entropy, sigmoid_ = shown && net.loss == Loss::binary_cross_entropy;
        exp_ = shown && net.loss == Loss::poisson;
        widest_ = net.n_in();
        for (const Layer& layer : net.layers) widest_ = std::max(widest_, layer.n_out);
    }

    // A row at a time.
    Met few() const {
        const int64_t room = (widest_ + 16 * PW<T>) / PW<T> * PW<T>;
        Buffer<T> memory(2 * room);
        T *x = memory.get(), *z = x + room;
        Watch watched;
        for (int64_t r = 0; r < rows_; ++r) {
            read_row<T>(X_, r, net_.n_in(), scaling_, x);
            watched.inputs(x, net_.n_in());
            const T* W = parameters_;
            for (const Layer& layer : net_.layers) {
                row_product<T>(W, layer.n_in, layer.n_out, x, z);
                activate<T>(layer.activation, z, layer.n_out);
                W += (layer.n_in + 1) * layer.n_out;
                std::swap(x, z);
            }
            T* out = output_ + r * net_.n_out();
            std::memcpy(static_cast<void*>(out), x, size_t(net_.n_out()) * sizeof(T));
            if (softmax_ || sigmoid_ || exp_) {  // as a panel of one sample, so that it has the bits of many
                Buffer<T> panel(net_.n_out() * PW<T>);
                for (int64_t j = 0; j < net_.n_out(); ++j) panel[j * PW<T>] = out[j];
                show(panel.get(), watched);
                for (int64_t j = 0; j < net_.n_out(); ++j) out[j] = panel[j * PW<T>];
            } else {
                for (int64_t j = 0; j < net_.n_out(); ++j) watched.met.finite &= out[j] - out[j] == T(0);
            }
        }
        return watched.result();
    }

    Met many(int threads) const {
        const bool sparse = !scaling_.shifts && mostly_zeros(X_, net_.n_in(), nullptr, rows_) && finite_first_layer();
        Buffer<Met> met(threads);
        const int64_t panels = (rows_ + PW<T> - 1) / PW<T>;
        std::atomic<int64_t> taken{0};  // whoever has time takes the next: a thread may begin late where others want its processor
        together(threads, [&](int t) { met[t] = part(taken, panels, (panels + threads - 1) / threads, sparse); });
        Met all_met;
        for (int t = 0; t < threads; ++t)
            all_met = {all_met.finite && met[t].finite, std::max(all_met.largest, met[t].largest)};
        return all_met;
    }

  private:
    struct Watch {
        V<T> seen{}, top{};
        Met met;
        void inputs(const T* x, int64_t n) {
            for (int64_t i = 0; i < n; i += VW<T>) {
                const V<T> v = load_first<T>(x + i, int(std::min<int64_t>(VW<T>, n - i))), size = magnitude<T>(v);
                seen = watch<T>(seen, v);
                top = size > top ? size : top;
            }
        }
        Met result() {
            met.finite &= finite<T>(seen);
            for (int l = 0; l < VW<T>; ++l) met.largest = std::max(met.largest, double(top[l]));
            return met;
        }
    };

    bool finite_first_layer() const {
        const Layer& layer = net_.layers.front();
        V<T> seen{};
        const int64_t n = (layer.n_in + 1) * layer.n_out;
        for (int64_t i = 0; i < n; i += VW<T>)
            seen = watch<T>(seen, load_first<T>(parameters_ + i, int(std::min<int64_t>(VW<T>, n - i))));
        return finite<T>(seen);
    }

    // Turns a panel of outputs into what is shown. Samples that are not finite become NaN.
    void show(T* z, Watch& watched) const {
        const int64_t n_out = net_.n_out();
        for (int v = 0; v < PV<T>; ++v) {
            T* p = z + v * VW<T>;
            V<T> bad{}, top = load<T>(p), total{};
            for (int64_t j = 0; j < n_out; ++j) {
                const V<T> own = load<T>(p + j * PW<T>);
                bad = watch<T>(bad, own);
                top = own > top ? own : top;
            }
            watched.met.finite &= finite<T>(bad);
            if (softmax_) {
                for (int64_t j = 0; j < n_out; ++j) {
                    const V<T> own = load<T>(p + j * PW<T>), power = exp<T>(own == top ? V<T>{} : own - top);
                    total = total + power;
                    store<T>(p + j * PW<T>, power);
                }
                for (int64_t j = 0; j < n_out; ++j) store<T>(p + j * PW<T>, load<T>(p + j * PW<T>) / total + bad);
            } else if (sigmoid_) {
                for (int64_t j = 0; j < n_out; ++j) store<T>(p + j * PW<T>, sigmoid<T>(load<T>(p + j * PW<T>)) + bad);
            } else if (exp_) {
                V<T> large{};
                for (int64_t j = 0; j < n_out; ++j) {
                    const V<T> power = exp<T>(load<T>(p + j * PW<T>));
                    large = watch<T>(large, power);
                    store<T>(p + j * PW<T>, power + bad);
                }
                watched.met.finite &= finite<T>(large);
            }
        }
    }

    // Panels, some at a time, for as long as there are such; most: of them at a time.
    Met part(std::atomic<int64_t>& taken, int64_t panels, int64_t most, bool sparse) const {
        // So many samples that their activations stay in the cache; more of them where the weights are what does not.
        const int64_t room = net_.n_parameters() * int64_t(sizeof(T)) < 512 << 10 ? 256 << 10 : 1 << 20;
        const int64_t fitting = std::min<int64_t>(16, room / (widest_ * PANEL_BYTES));
        const int64_t at_once = std::max<int64_t>(MAX_PANELS, fitting / MAX_PANELS * MAX_PANELS);
        const int64_t step = std::min(at_once, most);
        const int64_t stride = ((widest_ + PW<T>) / PW<T> * PW<T> + 1) * PW<T>, n_in = net_.n_in();
        Buffer<T> memory_1(at_once * stride), memory_2(at_once * stride);
        Buffer<T> rows(sparse ? 0 : PW<T> * (n_in + PW<T>));
        SparseBatch<T> batch(sparse ? at_once * PW<T> : 0, n_in, 1);
        Buffer<T> packed(std::any_of(net_.layers.begin(), net_.layers.end(),
                                     [&](const Layer& layer) { return far_apart<T>(layer.n_out, at_once); })
                             ? PACKED_NUMBERS<T>
                             : 0);
        Watch watched;
        for (int64_t p0; (p0 = taken.fetch_add(step, std::memory_order_relaxed)) < panels;) {
            const Share some{0, std::min(step, panels - p0)};
            const int64_t first = p0 * PW<T>, samples = std::min(some.end * PW<T>, rows_ - first);
            Panels<T> x{memory_1.get(), stride}, z{memory_2.get(), stride};
            for (int64_t p = 0; p < some.end; ++p) {
                const int count = int(std::min<int64_t>(PW<T>, samples - p * PW<T>));
                const int64_t row = first + p * PW<T>;
                if (!sparse) {
                    read_panel<T>(X_, [&](int s) { return row + s; }, count, n_in, scaling_, x.at(p, 0), rows.get());
                    watched.inputs(x.at(p, 0), n_in * PW<T>);
                    continue;
                }
                for (int s = 0; s < count; ++s) {
                    batch.read(X_, row + s, p * PW<T> + s, scaling_);
                    watched.inputs(&batch.value[(p * PW<T> + s) * batch.room], batch.length[p * PW<T> + s]);
                }
                batch.sort_panel(p * PW<T>, count);
            }
            const T* W = parameters_;
            for (const Layer& layer : net_.layers) {
                const Share units{0, layer.n_out};
                if (sparse && W == parameters_) {
                    sparse_forward<T>(W, layer.n_in, layer.n_out, batch, samples, z, units, some);
                } else {
                    for (int64_t p = 0; p < some.end; ++p)
                        for (int s = 0; s < PW<T>; ++s) x.at(p, layer.n_in)[s] = T(1);
                    forward_product<T>(W, layer.n_in, layer.n_out, x, z, units, some, packed.get());
                }
                for (int64_t p = 0; p < some.end; ++p) activate<T>(layer.activation, z.at(p, 0), layer.n_out * PW<T>);
                W += (layer.n_in + 1) * layer.n_out;
                std::swap(x, z);
            }
            for (int64_t p = 0; p < some.end; ++p) {
                const int64_t absent = (p + 1) * PW<T> - samples;  // their outputs are of zeros, or left from before
                for (int64_t j = 0; absent > 0 && j < net_.n_out(); ++j)
                    for (int64_t s = PW<T> - absent; s < PW<T>; ++s) x.at(p, j)[s] = T(0);
                show(x.at(p, 0), watched);
            }
            write(x, samples, first);
        }
        return watched.result();
    }

    void write(Panels<T> z, int64_t samples, int64_t first) const {
        const int64_t n_out = net_.n_out();
        alignas(64) T square[PW<T>][PW<T>];
        for (int64_t p = 0; p * PW<T> < samples; ++p)
            for (int64_t j = 0; j < n_out; j += PW<T>) {
                transpose_panel<T>(z.at(p, j), PW<T>, square[0], PW<T>);
                const size_t bytes = size_t(std::min<int64_t>(PW<T>, n_out - j)) * sizeof(T);
                for (int s = 0; s < PW<T> && p * PW<T> + s < samples; ++s)
                    std::memcpy(static_cast<void*>(output_ + (first + p * PW<T> + s) * n_out + j), square[s], bytes);
            }
    }

    const Net& net_;
    const T* parameters_;
    const Table& X_;
    const int64_t rows_;
    T* output_;
    const Scaling<T> scaling_;
    int64_t widest_;
    bool softmax_, sigmoid_, exp_;
};

}  // namespace
}  // namespace pellucid
