// Reading a table of samples: from rows as they are given to panels of the network's own type, or to a sparse batch.
#pragma once

#include <algorithm>

#include "engine.hpp"
#include "simd.hpp"
#include "team.hpp"

namespace pellucid {
namespace {

template <class F> INLINE void with_kind(Kind kind, F f) {
    switch (kind) {
        case Kind::u8: return f(uint8_t{});
        case Kind::f32: return f(float{});
        case Kind::f64: return f(double{});
    }
}

// x is used as (x − shift)·scale; each is one number for all inputs or one for each.
template <class T> class Scaling {
  public:
    explicit Scaling(const Net& net) : one_scale(net.one_scale()), one_shift(net.one_shift()) {
        if constexpr (sizeof(T) == 4) scale_ = net.scale_f32.data(), shift_ = net.shift_f32.data();
        else scale_ = net.scale.data(), shift_ = net.shift.data();
        const int64_t n = net.n_in();
        for (int64_t i = 0; i < (one_scale ? 1 : n); ++i) scales |= scale_[i] != T(1);
        for (int64_t i = 0; i < (one_shift ? 1 : n); ++i) shifts |= shift_[i] != T(0);
    }
    INLINE T operator()(T x, int64_t i) const {
        if (shifts) x = x - shift_[one_shift ? 0 : i];
        return scales ? x * scale_[one_scale ? 0 : i] : x;
    }
    INLINE V<T> operator()(V<T> x, int64_t i) const {
        if (shifts) x = x - (one_shift ? all<T>(shift_[0]) : load<T>(shift_ + i));
        return scales ? x * (one_scale ? all<T>(scale_[0]) : load<T>(scale_ + i)) : x;
    }
    bool scales = false, shifts = false;
    const bool one_scale, one_shift;

  private:
    const T *scale_, *shift_;
};

INLINE int64_t index_at(const void* p, bool wide, int64_t i) {
    return wide ? static_cast<const int64_t*>(p)[i] : static_cast<const int32_t*>(p)[i];
}

// Calls f(column, value) for what a row of a sparse table holds.
template <class T, class F> INLINE void each_stored(const Table& X, int64_t row, F f) {
    with_kind(X.kind, [&](auto kind) {
        const auto* data = static_cast<const decltype(kind)*>(X.data);
        const int64_t end = index_at(X.indptr, X.wide_indices, row + 1);
        for (int64_t i = index_at(X.indptr, X.wide_indices, row); i < end; ++i)
            f(index_at(X.indices, X.wide_indices, i), T(data[i]));
    });
}

// Rows come in random order, so the processor cannot guess them: those of the next batch are asked for a step ahead.
INLINE void await_row(const Table& X, int64_t row, int64_t n_in) {
    if (X.sparse) return;
    const char* from = static_cast<const char*>(X.data) + row * X.row_stride;
    const int64_t end = n_in * X.column_stride < 1 << 14 ? n_in * X.column_stride : 1 << 14;
    for (int64_t i = 0; i < end; i += 64) __builtin_prefetch(from + i, 0, 2);
}

// One row, scaled, to out[0 … n_in); a vector beyond may be written to.
template <class T> void read_row(const Table& X, int64_t row, int64_t n_in, const Scaling<T>& scaling, T* out) {
    if (X.sparse) {
        for (int64_t i = 0; i < n_in; ++i) out[i] = T(0);
        each_stored<T>(X, row, [&](int64_t i, T x) { out[i] = x; });
        for (int64_t i = 0; i < n_in; ++i) out[i] = scaling(out[i], i);
        return;
    }
    with_kind(X.kind, [&](auto kind) {
        using K = decltype(kind);
        const char* from = static_cast<const char*>(X.data) + row * X.row_stride;
        if (X.column_stride == int64_t(sizeof(K))) {
            const K* x = reinterpret_cast<const K*>(from);
            for (int64_t i = 0; i < n_in; ++i) out[i] = T(x[i]);
            for (int64_t i = 0; i < n_in; i += VW<T>) store<T>(out + i, scaling(load<T>(out + i), i));
        } else {
            for (int64_t i = 0; i < n_in; ++i) out[i] = scaling(T(*reinterpret_cast<const K*>(from + i * X.column_stride)), i);
        }
    });
}

// A panel of samples: to[i·PW + s] for the n ≤ PW rows row_of(0 … n − 1), the other places 0; `rows`: n_in + PW numbers
// for each of PW rows, to work in.
template <class T, class RowOf>
void read_panel(const Table& X, RowOf row_of, int n, int64_t n_in, const Scaling<T>& scaling, T* to, T* rows) {
    const int64_t width = n_in + PW<T>;
    for (int s = 0; s < PW<T>; ++s) {
        if (s < n) read_row<T>(X, row_of(s), n_in, scaling, rows + s * width);
        else std::memset(static_cast<void*>(rows + s * width), 0, size_t(n_in) * sizeof(T));
    }
    int64_t i = 0;
    for (; i + PW<T> <= n_in; i += PW<T>) transpose_panel<T>(rows + i, width, to + i * PW<T>, PW<T>);
    for (; i < n_in; ++i)
        for (int s = 0; s < PW<T>; ++s) to[i * PW<T> + s] = rows[s * width + i];
}

// The non-zero inputs of a batch, sample by sample, each in a place of its own so that threads fill it side by side.
template <class T> struct SparseBatch {
    // `parts`: how many threads share out the inputs, and the bias after them.
    SparseBatch(int64_t samples, int64_t n_in, int parts)
        : room(n_in + 16), index(samples * room), value(samples * room), length(samples), by_length(samples), n_in_(n_in),
          parts_(parts), begins_(samples * (parts + 1)) {}

    int64_t room;  // 16 more than there can be: so many at a time are written, wanted or not
    Buffer<uint32_t> index;
    Buffer<T> value;
    Buffer<int32_t> length;
    Buffer<uint8_t> by_length;  // the places within each panel, shortest first: similar lengths are computed together

    // Where a part of a sample's inputs begins.
    int32_t begin(int64_t s, int part) const { return begins_[s * (parts_ + 1) + part]; }

    void read(const Table& X, int64_t row, int64_t s, const Scaling<T>& scaling) {
        const int64_t n_in = n_in_;
        uint32_t* at = &index[s * room];
        T* x = &value[s * room];
        int64_t n = 0;
        if (X.sparse) {
            each_stored<T>(X, row, [&](int64_t i, T given) {
                at[n] = uint32_t(i);
                x[n] = scaling(given, i);
                n += given != T(0);
            });
        } else {
            with_kind(X.kind, [&](auto kind) {
                n = compact(reinterpret_cast<const decltype(kind)*>(static_cast<const char*>(X.data) + row * X.row_stride),
                            n_in, at, x);
            });
            if (scaling.scales && scaling.one_scale)  // a few more than there are: they are overwritten or not read
                for (int64_t k = 0; k < n; k += VW<T>) store<T>(x + k, scaling(load<T>(x + k), 0));
            else if (scaling.scales)
                for (int64_t k = 0; k < n; ++k) x[k] = scaling(x[k], at[k]);
        }
        length[s] = int32_t(n);
        int32_t* begins = &begins_[s * (parts_ + 1)];
        for (int part = 1; part < parts_; ++part) {
            const uint32_t first = uint32_t(share(n_in + 1, 1, part, parts_).begin);
            begins[part] = int32_t(std::lower_bound(at, at + n, first) - at);
        }
        begins[0] = 0, begins[parts_] = int32_t(n);
    }

    void sort_panel(int64_t first, int n) {
        uint8_t* place = &by_length[first];
        for (int i = 0; i < n; ++i) {
            const int32_t own = length[first + i];
            int j = i;
            for (; j > 0 && length[first + place[j - 1]] > own; --j) place[j] = place[j - 1];
            place[j] = uint8_t(i);
        }
    }

  private:
    const int64_t n_in_;
    const int parts_;
    Buffer<int32_t> begins_;

    template <class K> static int64_t compact(const K* row, int64_t n_in, uint32_t* at, T* x) {
        int64_t n = 0, i = 0;
        if constexpr (std::is_same_v<K, uint8_t> || std::is_same_v<K, T>)
            for (; i + 16 <= n_in; i += 16) n += append_set<T>(row + i, uint32_t(i), at + n, x + n);
        for (; i < n_in; ++i) {
            at[n] = uint32_t(i), x[n] = T(row[i]);
            n += row[i] != K(0);
        }
        return n;
    }
};

// Whether a table's zeros can be left out: its rows are given so, or lie without gaps.
inline bool sparsely_readable(const Table& X) {
    return X.sparse || X.column_stride == (X.kind == Kind::u8 ? 1 : X.kind == Kind::f32 ? 4 : 8);
}

// Whether few enough of a table's inputs are not zero that reading it sparsely pays: asked of some of its rows.
inline bool mostly_zeros(const Table& X, int64_t n_in, const int64_t* rows, int64_t n) {
    if (X.sparse || !sparsely_readable(X)) return X.sparse;
    int64_t set = 0, seen = 0;
    with_kind(X.kind, [&](auto kind) {
        using K = decltype(kind);
        for (int64_t s = 0; s < n && s < 32; ++s) {
            const K* row = reinterpret_cast<const K*>(static_cast<const char*>(X.data) + (rows ? rows[s] : s) * X.row_stride);
            for (int64_t i = 0; i < n_in; ++i) set += row[i] != K(0);
            seen += n_in;
        }
    });
    return n_in >= 64 && seen > 0 && set * 10 < seen * 3;
}

}  // namespace
}  // namespace pellucid
