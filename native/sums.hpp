// Sums over samples: in order within leaves of 256 consecutive positions of the batch, the leaves added pairwise up a
// binary tree, an odd last one passing up unchanged. So a batch can be added up in one place or in many.
#pragma once

#include "simd.hpp"

namespace pellucid {
namespace {

constexpr int64_t LEAF = 256;

INLINE int64_t leaves(int64_t n) { return (n + LEAF - 1) / LEAF; }
INLINE int tree_depth(int64_t n) {
    int depth = 1;
    while (int64_t(1) << (depth - 1) < leaves(n)) ++depth;
    return depth + 1;
}

// Adds up the leaves 0, 1, … of n samples: make(level, leaf) puts one on a stack, add(a, b) adds level b onto level a.
// The tree's result is on level 0.
template <class Make, class Add> INLINE void up_the_tree(int64_t n, Make make, Add add) {
    const int64_t count = leaves(n);
    int top = 0;
    for (int64_t leaf = 0; leaf < count; ++leaf) {
        make(top++, leaf);
        for (int64_t full = leaf + 1; full % 2 == 0; full /= 2, --top) add(top - 2, top - 1);
    }
    for (; top > 1; --top) add(top - 2, top - 1);
}

template <class F> double tree_sum(int64_t n, F value) {
    double stack[64];
    stack[0] = 0;
    up_the_tree(
        n,
        [&](int level, int64_t leaf) {
            double sum = 0;
            for (int64_t i = leaf * LEAF; i < n && i < (leaf + 1) * LEAF; ++i) sum += value(i);
            stack[level] = sum;
        },
        [&](int a, int b) { stack[a] += stack[b]; });
    return stack[0] + 0.0;
}

}  // namespace
}  // namespace pellucid
