// The products of a dense layer: forward, back to its input, and the gradient by its weights.
//
// Buffers of activations are made of sample panels: unit i of sample s lies at [s / PW][i][s % PW], so that the samples
// of one unit fill a cache line; a row of ones lies beneath the last unit, and the bias, which is stored beneath W, is
// the weight of that one: the same fused multiply-adds, the products first and the bias last. Weights are used where
// they lie, input-major; nothing is copied or packed.
#pragma once

#include "inputs.hpp"
#include "sums.hpp"
#include "tiles.hpp"

namespace pellucid {
namespace {

constexpr int64_t K_BLOCK = 512;

// Sample panels of one layer's activations.
template <class T> struct Panels {
    T* p = nullptr;
    int64_t stride = 0;  // from one panel to the next, in numbers
    T* at(int64_t panel, int64_t unit) const { return p + panel * stride + unit * PW<T>; }
};

// Rows of weights that lie 2 KiB or more apart fall into few sets of the cache and need many entries of the table of
// pages: where they are used often enough, they are copied together first. Copying decides no bit.
template <class T> INLINE bool far_apart(int64_t n_out, int64_t panels) {
    return n_out * int64_t(sizeof(T)) >= 2048 && panels >= 4 * MAX_PANELS;
}
// How often the tiles of a product ask for what is needed after it.
template <class T> INLINE int64_t chances(int64_t rows, int64_t panels, int64_t depth) {
    return (rows + MAX_ROWS - 1) / MAX_ROWS * ((panels + MAX_PANELS - 1) / MAX_PANELS) * ((depth + PW<T> - 1) / PW<T>);
}

constexpr int64_t UNITS_AT_ONCE = 512;
template <class T> constexpr int64_t PACKED_NUMBERS = (UNITS_AT_ONCE + 1) * (K_BLOCK + PW<T>);

// Z[j] = Σᵢ W[i][j]·X[i] + b[j] for some units and sample panels; `packed`: room to copy in; `ahead`: for what follows.
template <class T>
void forward_product(const T* W, int64_t n_in, int64_t n_out, Panels<T> X, Panels<T> Z, Share units, Share panels, T* packed,
                     Ahead ahead = {}) {
    ahead.in(chances<T>(units.end - units.begin, panels.end - panels.begin, n_in + 1));
    const int64_t K = n_in + 1;
    const bool copied = far_apart<T>(n_out, panels.end - panels.begin);
    for (int64_t u = units.begin; u < units.end; u += UNITS_AT_ONCE) {
        const int64_t u_end = units.end - u < UNITS_AT_ONCE ? units.end : u + UNITS_AT_ONCE;
        for (int64_t k = 0; k < K; k += K_BLOCK) {
            const int64_t depth = K - k < K_BLOCK ? K - k : K_BLOCK;
            // Tile after tile, row after row of a tile; what is written beyond a row is overwritten by the next.
            if (copied)
                in_parts(u, u_end, MAX_ROWS, [&](int64_t j, int64_t rows) {
                    T* to = packed + (j - u) * (depth + PW<T>);
                    for (int64_t r = 0; r < depth; ++r)
                        for (int64_t c = 0; c < rows; c += VW<T>)
                            store<T>(to + r * rows + c, load_first<T>(W + (k + r) * n_out + j + c, int(rows - c)));
                });
            in_parts(panels.begin, panels.end, MAX_PANELS, [&](int64_t p, int64_t np) {
                in_parts(u, u_end, MAX_ROWS, [&](int64_t j, int64_t rows) {
                    const T* a = copied ? packed + (j - u) * (depth + PW<T>) : W + k * n_out + j;
                    TILES<T, false>[size_t(rows)][size_t(np)](Tile<T>{a, 1, copied ? rows : n_out, depth, X.at(p, k), X.stride,
                                                                      Z.at(p, j), PW<T>, Z.stride, k == 0, k + depth == K, &ahead});
                });
            });
        }
    }
}

// dX[i] = Σⱼ W[i][j]·dZ[j] for some inputs and sample panels; `packed`: room to copy in.
template <class T>
void backward_product(const T* W, int64_t n_out, Panels<T> dZ, Panels<T> dX, Share inputs, Share panels, T* packed) {
    const bool copied = far_apart<T>(n_out, panels.end - panels.begin);
    constexpr int64_t ROW = K_BLOCK + PW<T>;
    for (int64_t k = 0; k < n_out; k += K_BLOCK) {
        const int64_t depth = n_out - k < K_BLOCK ? n_out - k : K_BLOCK, bytes = depth * int64_t(sizeof(T));
        in_parts(inputs.begin, inputs.end, MAX_ROWS, [&](int64_t i, int64_t rows) {
            const T* w = W + i * n_out + k;
            if (copied)
                for (int64_t r = 0; r < rows; ++r) std::memcpy(static_cast<void*>(packed + r * ROW), w + r * n_out, size_t(bytes));
            Ahead ahead;
            ahead.add(w + rows * n_out, std::min(rows, inputs.end - i - rows), bytes, n_out * int64_t(sizeof(T)));
            ahead.in(chances<T>(rows, panels.end - panels.begin, depth));
            in_parts(panels.begin, panels.end, MAX_PANELS, [&](int64_t p, int64_t np) {
                TILES<T, true>[size_t(rows)][size_t(np)](Tile<T>{copied ? packed : w, copied ? ROW : n_out, PW<T>, depth, dZ.at(p, k),
                                                                 dZ.stride, dX.at(p, i), PW<T>, dX.stride, k == 0,
                                                                 k + depth == n_out, &ahead});
            });
        });
    }
}

// Unit panels: number j of sample s lies at [j / PW][s][j % PW]. Made of sample panels, for some units and panels.
template <class T> void turned(Panels<T> from, Panels<T> to, Share units, Share panels) {
    for (int64_t j = units.begin; j < units.end; j += PW<T>)
        for (int64_t p = panels.begin; p < panels.end; ++p)
            transpose_panel<T>(from.at(p, j), PW<T>, to.at(j / PW<T>, p * PW<T>), PW<T>);
}

// dW[i][j] = Σₛ X[i][s]·dZ[s][j] over `samples`, up the tree, for `rows` inputs from i on and `np` unit panels from j on,
// to block[r·np·PW + …]; further levels of the tree lie `room` numbers apart.
template <class T>
INLINE void weight_product(Panels<T> X, Panels<T> dZ, int64_t samples, int64_t i, int64_t rows, int64_t j, int64_t np, T* block,
                           int64_t room, Ahead& ahead) {
    const int64_t width = np * PW<T>;
    up_the_tree(
        samples,
        [&](int level, int64_t leaf) {
            const int64_t s = leaf * LEAF, n = samples - s < LEAF ? samples - s : LEAF;
            TILES<T, true>[size_t(rows)][size_t(np)](Tile<T>{X.at(s / PW<T>, i), PW<T>, X.stride, n, dZ.at(j, s), dZ.stride,
                                                             block + level * room, width, PW<T>, true, true, &ahead});
        },
        [&](int a, int b) {
            for (int64_t n = 0; n < rows * width; n += VW<T>)
                store<T>(block + a * room + n, load<T>(block + a * room + n) + load<T>(block + b * room + n));
        });
}

// The first layer on a sparse batch. A zero input adds ±0 to a chain, which changes nothing but the sign of a zero, and
// that the +0 at the end takes away: so leaving it out gives the same bits, as long as every weight is finite.

// Z[j … j + NP·PW) for `G` samples at a time.
template <class T, int NP, int G>
void sparse_forward_panels(const T* W, int64_t n_in, int64_t n_out, const SparseBatch<T>& X, int64_t samples, Panels<T> Z,
                           int64_t j, Share panels) {
    constexpr int N = NP * PV<T>;
    const int64_t columns = n_out - j < NP * PW<T> ? n_out - j : NP * PW<T>;
    alignas(64) T sums[PW<T>][NP * PW<T>];
    const bool whole = columns == NP * PW<T>;
    const auto row = [&](int64_t i, int n) {
        const T* w = W + i * n_out + j + n * VW<T>;
        return whole ? load<T>(w) : load_first<T>(w, int(columns) - n * VW<T>);
    };
    for (int64_t p = panels.begin; p < panels.end; ++p) {
        const int64_t s0 = p * PW<T>;
        const int count = int(samples - s0 < PW<T> ? samples - s0 : PW<T>);
        std::memset(sums, 0, sizeof sums);
        for (int g = 0; g < count; g += G) {
            V<T> s[G][N] = {};
            const uint32_t* at[G];
            const T* x[G];
            int32_t length[G], place[G], common = 0;
#pragma GCC unroll 8
            for (int q = 0; q < G; ++q) {
                place[q] = X.by_length[s0 + (g + q < count ? g + q : g)];
                at[q] = &X.index[(s0 + place[q]) * X.room];
                x[q] = &X.value[(s0 + place[q]) * X.room];
                length[q] = X.length[s0 + place[q]];
                common = q == 0 || length[q] < common ? length[q] : common;
            }
            for (int32_t k = 0; k < common; ++k)
#pragma GCC unroll 8
                for (int q = 0; q < G; ++q)
#pragma GCC unroll 8
                    for (int n = 0; n < N; ++n) s[q][n] = fma(all<T>(x[q][k]), row(at[q][k], n), s[q][n]);
#pragma GCC unroll 8
            for (int q = 0; q < G; ++q) {
                for (int32_t k = common; k < length[q]; ++k)
#pragma GCC unroll 8
                    for (int n = 0; n < N; ++n) s[q][n] = fma(all<T>(x[q][k]), row(at[q][k], n), s[q][n]);
#pragma GCC unroll 8
                for (int n = 0; n < N; ++n) store<T>(&sums[place[q]][n * VW<T>], s[q][n] + row(n_in, n) + T(0));
            }
        }
        for (int c = 0; c < NP && j + c * PW<T> < n_out; ++c) {
            if (j + (c + 1) * PW<T> <= n_out) {
                transpose_panel<T>(&sums[0][c * PW<T>], NP * PW<T>, Z.at(p, j + c * PW<T>), PW<T>);
                continue;
            }
            for (int64_t u = j + c * PW<T>; u < n_out; ++u)
                for (int q = 0; q < PW<T>; ++q) Z.at(p, u)[q] = sums[q][u - j];
        }
    }
}

template <class T>
void sparse_forward(const T* W, int64_t n_in, int64_t n_out, const SparseBatch<T>& X, int64_t samples, Panels<T> Z, Share units,
                    Share panels) {
    constexpr int CHAINS = 8;  // enough that none waits for another
    for (int64_t j = units.begin; j < units.end;) {
        if (units.end - j > PW<T>) {
            sparse_forward_panels<T, 2, (CHAINS / (2 * PV<T>) > 1 ? CHAINS / (2 * PV<T>) : 1)>(W, n_in, n_out, X, samples, Z, j, panels);
            j += 2 * PW<T>;
        } else {
            sparse_forward_panels<T, 1, CHAINS / PV<T>>(W, n_in, n_out, X, samples, Z, j, panels);
            j += PW<T>;
        }
    }
}

// dW of `inputs` (the bias is the last there is) and NP unit panels from j on, to block[(i − first)·NP·PW + …], which
// holds zeros before; `part`: which of the batch's parts the inputs are, or −1 for all.
template <class T, int NP>
void sparse_weight_product(const SparseBatch<T>& X, Share inputs, int part, int64_t n_in, Panels<T> dZ, int64_t samples, int64_t j,
                           T* block, int64_t room) {
    constexpr int N = NP * PV<T>, WIDTH = NP * PW<T>;
    const int64_t size = (inputs.end - inputs.begin) * WIDTH;
    const bool bias = inputs.end > n_in;
    up_the_tree(
        samples,
        [&](int level, int64_t leaf) {
            T* const G = block + level * room - inputs.begin * WIDTH;
            for (int64_t s = leaf * LEAF; s < samples && s < (leaf + 1) * LEAF; ++s) {
                V<T> d[N];
#pragma GCC unroll 8
                for (int n = 0; n < N; ++n) d[n] = load<T>(dZ.at(j + n / PV<T>, s) + n % PV<T> * VW<T>);
                const uint32_t* at = &X.index[s * X.room];
                const T* x = &X.value[s * X.room];
                for (int32_t k = part < 0 ? 0 : X.begin(s, part), end = part < 0 ? X.length[s] : X.begin(s, part + 1); k < end; ++k) {
                    T* g = G + int64_t(at[k]) * WIDTH;
#pragma GCC unroll 8
                    for (int n = 0; n < N; ++n) store<T>(g + n * VW<T>, fma(all<T>(x[k]), d[n], load<T>(g + n * VW<T>)));
                }
                if (!bias) continue;
                T* g = G + n_in * WIDTH;
#pragma GCC unroll 8
                for (int n = 0; n < N; ++n) store<T>(g + n * VW<T>, load<T>(g + n * VW<T>) + d[n]);
            }
            T* g = block + level * room;
            for (int64_t n = 0; n < size; n += VW<T>) store<T>(g + n, load<T>(g + n) + T(0));
        },
        [&](int a, int b) {
            T *to = block + a * room, *from = block + b * room;
            for (int64_t n = 0; n < size; n += VW<T>) {
                store<T>(to + n, load<T>(to + n) + load<T>(from + n));
                store<T>(from + n, V<T>{});
            }
        });
}

}  // namespace
}  // namespace pellucid
