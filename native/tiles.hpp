// The one place where products are added up: C += A·B on tiles held in registers.
//
// Every element of C is one chain of fused multiply-adds, k = 0, 1, 2, …, whatever the tile, the vector or the block of
// k: a block that is not the first takes the chain up from memory. So neither tiles nor blocks can change a bit.
#pragma once

#include <array>

#include "simd.hpp"

namespace pellucid {
namespace {

// Memory that is needed soon: asked for a few lines at a time, in between the arithmetic, which does not wait for them.
class Ahead {
  public:
    // `rows` rows of so many bytes, `stride` bytes apart.
    void add(const void* first, int64_t rows, int64_t bytes, int64_t stride) {
        if (first && rows > 0 && bytes > 0) regions_[n_++] = {static_cast<const char*>(first), rows, bytes, stride, 0};
    }
    // All of it will be asked for in so many parts.
    void in(int64_t parts) {
        int64_t lines = 0;
        for (int i = 0; i < n_; ++i) lines += regions_[i].rows * ((regions_[i].bytes + 63) / 64);
        at_once_ = parts > 0 ? (lines + parts - 1) / parts : 0;
    }
    INLINE void some() {
        for (int64_t n = 0; n < at_once_ && now_ < n_; ++n) {
            Region& region = regions_[now_];
            __builtin_prefetch(region.first + region.at, 0, 2);
            if ((region.at += 64) < region.bytes) continue;
            region.at = 0, region.first += region.stride;
            if (--region.rows == 0) ++now_;
        }
    }

  private:
    struct Region {
        const char* first;
        int64_t rows, bytes, stride, at;
    };
    Region regions_[3];
    int n_ = 0, now_ = 0;
    int64_t at_once_ = 0;
};

// Where a tile lies. A[r][k] is a[r·row + k·next] in `by column`; in `by row` it is a[r·row + (k / PW)·next + k % PW].
// B is made of panels, B[k] of panel p at b[p·b_panel + k·PW]; so is C, C[r] of panel p at c[p·c_panel + r·c_row].
template <class T> struct Tile {
    const T* a;
    ptrdiff_t row, next;
    int64_t k;
    const T* b;
    ptrdiff_t b_panel;
    T* c;
    ptrdiff_t c_row, c_panel;
    bool first, last;  // begin with 0; add +0 to the finished sum, so that no −0 is left
    Ahead* ahead;
};

template <class T, int MR, int NP> struct Sums {
    static constexpr int N = NP * PV<T>;
    V<T> s[MR][N];

    INLINE void begin(const Tile<T>& t) {
#pragma GCC unroll 16
        for (int r = 0; r < MR; ++r)
#pragma GCC unroll 8
            for (int n = 0; n < N; ++n)
                s[r][n] = t.first ? V<T>{} : load<T>(t.c + r * t.c_row + (n / PV<T>)*t.c_panel + n % PV<T> * VW<T>);
    }
    INLINE void end(const Tile<T>& t) {
#pragma GCC unroll 16
        for (int r = 0; r < MR; ++r)
#pragma GCC unroll 8
            for (int n = 0; n < N; ++n)
                store<T>(t.c + r * t.c_row + (n / PV<T>)*t.c_panel + n % PV<T> * VW<T>, t.last ? s[r][n] + T(0) : s[r][n]);
    }
    INLINE void operands(const T* b, ptrdiff_t b_panel, V<T>* v) {
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) v[n] = load<T>(b + (n / PV<T>)*b_panel + n % PV<T> * VW<T>);
    }
    INLINE void row(int r, T x, const V<T>* v) {
        V<T> a = all<T>(x);
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) s[r][n] = fma(a, v[n], s[r][n]);
    }
};

template <class T, int MR, int NP> void tile_by_column(const Tile<T>& t) {
    Sums<T, MR, NP> sums;
    sums.begin(t);
    const T *a = t.a, *b = t.b;
    for (int64_t k = 0; k < t.k; k += PW<T>) {
        t.ahead->some();
        const int64_t n = t.k - k < PW<T> ? t.k - k : PW<T>;
        for (int64_t i = 0; i < n; ++i, a += t.next, b += PW<T>) {
            V<T> v[sums.N];
            sums.operands(b, t.b_panel, v);
#pragma GCC unroll 16
            for (int r = 0; r < MR; ++r) sums.row(r, a[r], v);
        }
    }
    sums.end(t);
}

template <class T, int MR, int NP> void tile_by_row(const Tile<T>& t) {
    Sums<T, MR, NP> sums;
    sums.begin(t);
    const T *a = t.a, *b = t.b;
    // Every third row has a pointer, so that all addresses of a tile fit into the registers there are.
    const ptrdiff_t one = t.row, two = 2 * t.row;
    for (int64_t k = 0; k < t.k; k += PW<T>, a += t.next) {
        t.ahead->some();
        const T* base[(MR + 2) / 3];
#pragma GCC unroll 5
        for (int r = 0; r < (MR + 2) / 3; ++r) base[r] = a + 3 * r * t.row;
        const int64_t n = t.k - k < PW<T> ? t.k - k : PW<T>;
        for (int64_t i = 0; i < n; ++i, b += PW<T>) {
            V<T> v[sums.N];
            sums.operands(b, t.b_panel, v);
#pragma GCC unroll 16
            for (int r = 0; r < MR; ++r) {
                const T* p = base[r / 3] + i;
                sums.row(r, r % 3 == 0 ? p[0] : r % 3 == 1 ? p[one] : p[two], v);
            }
        }
    }
    sums.end(t);
}

template <class T> using TileFunction = void (*)(const Tile<T>&);
template <class T> using TileTable = std::array<std::array<TileFunction<T>, MAX_PANELS + 1>, MAX_ROWS + 1>;

template <class T, bool by_row, size_t... I> constexpr TileTable<T> tile_table(std::index_sequence<I...>) {
    TileTable<T> table{};
    ((table[I / MAX_PANELS + 1][I % MAX_PANELS + 1] = by_row ? &tile_by_row<T, int(I / MAX_PANELS + 1), int(I % MAX_PANELS + 1)>
                                                             : &tile_by_column<T, int(I / MAX_PANELS + 1), int(I % MAX_PANELS + 1)>),
     ...);
    return table;
}
template <class T, bool by_row>
constexpr TileTable<T> TILES = tile_table<T, by_row>(std::make_index_sequence<size_t(MAX_ROWS * MAX_PANELS)>{});

// Splits n into the fewest parts of at most `most`, as equal as can be: calls f(begin, size).
template <class F> INLINE void in_parts(int64_t begin, int64_t end, int64_t most, F f) {
    const int64_t n = end - begin, parts = (n + most - 1) / most;
    for (int64_t i = 0, at = begin; i < parts; ++i) {
        const int64_t size = n / parts + (i < n % parts);
        f(at, size);
        at += size;
    }
}

}  // namespace
}  // namespace pellucid
