// Vectors of one instruction set. Everything above this file is written once, for any width.
//
// A *panel* is 64 bytes of one row: 16 float or 8 double. Buffers are made of panels on every machine, so that only
// the number of registers in a panel (PV) depends on the instruction set, never the order in which numbers are added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace pellucid {
namespace {

#if defined(__AVX512F__)
constexpr int VECTOR_BYTES = 64, MAX_ROWS = 14, MAX_PANELS = 2;  // 28 sums + 2 operands + 1 broadcast of 32 registers
#elif defined(__AVX2__)
constexpr int VECTOR_BYTES = 32, MAX_ROWS = 6, MAX_PANELS = 1;  // 12 + 2 + 1 of 16
#else
constexpr int VECTOR_BYTES = 16, MAX_ROWS = 6, MAX_PANELS = 1;  // 24 + 4 + 1 of 32
#endif

constexpr int PANEL_BYTES = 64;

template <class T> struct SimdOf {
    typedef T V __attribute__((vector_size(VECTOR_BYTES)));
    using I = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
    typedef I VI __attribute__((vector_size(VECTOR_BYTES)));
    static constexpr int VW = VECTOR_BYTES / int(sizeof(T));  // numbers in a vector
    static constexpr int PW = PANEL_BYTES / int(sizeof(T));   // numbers in a panel
    static constexpr int PV = PW / VW;                        // vectors in a panel
};

template <class T> using V = typename SimdOf<T>::V;
template <class T> using VI = typename SimdOf<T>::VI;
template <class T> constexpr int VW = SimdOf<T>::VW;
template <class T> constexpr int PW = SimdOf<T>::PW;
template <class T> constexpr int PV = SimdOf<T>::PV;

#define INLINE inline __attribute__((always_inline))

template <class T> INLINE V<T> load(const T* p) {
    V<T> v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
template <class T> INLINE void store(T* p, V<T> v) { std::memcpy(p, &v, sizeof v); }
template <class T> INLINE V<T> all(T x) { return x - V<T>{}; }  // x − 0 is x, its sign and its NaN too

// The first n numbers; the rest is 0, and is not touched.
template <class T> INLINE V<T> load_first(const T* p, int n) {
    if (n >= VW<T>) return load<T>(p);
    if (n <= 0) return V<T>{};
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return (V<T>)_mm512_maskz_loadu_ps(__mmask16((1u << n) - 1), p);
    else return (V<T>)_mm512_maskz_loadu_pd(__mmask8((1u << n) - 1), p);
#else
    V<T> v{};
    for (int i = 0; i < VW<T>; ++i)
        if (i < n) v[i] = p[i];
    return v;
#endif
}
template <class T> INLINE void store_first(T* p, V<T> v, int n) {
    if (n >= VW<T>) return store<T>(p, v);
    if (n <= 0) return;
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) _mm512_mask_storeu_ps(p, __mmask16((1u << n) - 1), (__m512)v);
    else _mm512_mask_storeu_pd(p, __mmask8((1u << n) - 1), (__m512d)v);
#else
    for (int i = 0; i < VW<T>; ++i)
        if (i < n) p[i] = v[i];
#endif
}

// a·b + c, rounded once. The only contraction there is: the compiler makes none of its own (-ffp-contract=off).
INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
INLINE double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
#if defined(__AVX512F__)
INLINE V<float> fma(V<float> a, V<float> b, V<float> c) { return (V<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
INLINE V<double> fma(V<double> a, V<double> b, V<double> c) { return (V<double>)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c); }
INLINE V<float> root(V<float> a) { return (V<float>)_mm512_sqrt_ps((__m512)a); }
INLINE V<double> root(V<double> a) { return (V<double>)_mm512_sqrt_pd((__m512d)a); }
#elif defined(__AVX2__)
INLINE V<float> fma(V<float> a, V<float> b, V<float> c) { return (V<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
INLINE V<double> fma(V<double> a, V<double> b, V<double> c) { return (V<double>)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c); }
INLINE V<float> root(V<float> a) { return (V<float>)_mm256_sqrt_ps((__m256)a); }
INLINE V<double> root(V<double> a) { return (V<double>)_mm256_sqrt_pd((__m256d)a); }
#elif defined(__aarch64__)
INLINE V<float> fma(V<float> a, V<float> b, V<float> c) { return (V<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b); }
INLINE V<double> fma(V<double> a, V<double> b, V<double> c) { return (V<double>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b); }
INLINE V<float> root(V<float> a) { return (V<float>)vsqrtq_f32((float32x4_t)a); }
INLINE V<double> root(V<double> a) { return (V<double>)vsqrtq_f64((float64x2_t)a); }
#endif

template <class T> INLINE VI<T> bits(V<T> v) { return (VI<T>)v; }
template <class T> INLINE V<T> magnitude(V<T> v) {
    using I = typename SimdOf<T>::I;
    return (V<T>)(bits<T>(v) & (I)(~(I(1) << (8 * sizeof(T) - 1))));
}
// The sum of nothing but zeros where every number is finite, else NaN somewhere: one fma a vector to watch over numbers.
template <class T> INLINE V<T> watch(V<T> seen, V<T> v) { return fma(v, V<T>{}, seen); }
template <class T> INLINE bool finite(V<T> seen) {
    bool good = true;
    for (int i = 0; i < VW<T>; ++i) good &= seen[i] == T(0);
    return good;
}

// Transposes a square of VW × VW numbers held in VW vectors, by exchanging halves, quarters, …
template <class T, int D, size_t... L> INLINE void exchange(V<T>& a, V<T>& b, std::index_sequence<L...>) {
    constexpr int W = VW<T>;
    V<T> low = __builtin_shufflevector(a, b, (int(L) & D ? W + int(L) - D : int(L))...);
    V<T> high = __builtin_shufflevector(a, b, (int(L) & D ? W + int(L) : int(L) + D)...);
    a = low, b = high;
}
template <class T, int D> INLINE void exchange_all(V<T>* v) {
    if constexpr (D > 0) {
#pragma GCC unroll 16
        for (int r = 0; r < VW<T>; ++r)
            if (!(r & D)) exchange<T, D>(v[r], v[r + D], std::make_index_sequence<size_t(VW<T>)>{});
        exchange_all<T, D / 2>(v);
    }
}
// to[c][r] = from[r][c] for r, c < PW; rows lie `to_row` and `from_row` numbers apart.
template <class T> INLINE void transpose_panel(const T* from, ptrdiff_t from_row, T* to, ptrdiff_t to_row) {
    constexpr int W = VW<T>;
    for (int R = 0; R < PW<T>; R += W)
        for (int C = 0; C < PW<T>; C += W) {
            V<T> v[W];
#pragma GCC unroll 16
            for (int i = 0; i < W; ++i) v[i] = load<T>(from + (R + i) * from_row + C);
            exchange_all<T, W / 2>(v);
#pragma GCC unroll 16
            for (int i = 0; i < W; ++i) store<T>(to + (C + i) * to_row + R, v[i]);
        }
}

// Writes the places, counted from `first`, and the values of those of 16 bytes that are not 0, in order; returns how
// many. Up to 16 places beyond them may be written to.
template <class T> INLINE int append_set(const uint8_t* bytes, uint32_t first, uint32_t* at, T* x) {
#if defined(__AVX512F__)
    const __m512i wide = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
    const __mmask16 set = _mm512_test_epi32_mask(wide, wide);
    const __m512i places = _mm512_add_epi32(_mm512_set1_epi32(int(first)), _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    const __m512i packed = _mm512_maskz_compress_epi32(set, wide);
    _mm512_storeu_si512(at, _mm512_maskz_compress_epi32(set, places));
    if constexpr (sizeof(T) == 4) {
        _mm512_storeu_ps(x, _mm512_cvtepi32_ps(packed));
    } else {
        _mm512_storeu_pd(x, _mm512_cvtepi32_pd(_mm512_castsi512_si256(packed)));
        _mm512_storeu_pd(x + 8, _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(packed, 1)));
    }
    return __builtin_popcount(set);
#elif defined(__AVX2__)
    int n = 0;
    for (int half = 0; half < 2; ++half) {
        uint64_t eight;
        std::memcpy(&eight, bytes + 8 * half, 8);
        constexpr uint64_t LOW = 0x7F7F7F7F7F7F7F7Full;
        const uint64_t set = (((eight & LOW) + LOW) | eight) & ~LOW, mask = (set >> 7) * 0xFF;
        const __m128i places = _mm_cvtsi64_si128(int64_t(_pext_u64(0x0706050403020100ull, mask)));
        const __m128i packed = _mm_cvtsi64_si128(int64_t(_pext_u64(eight, mask)));
        const __m256i base = _mm256_set1_epi32(int(first) + 8 * half);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(at + n), _mm256_add_epi32(_mm256_cvtepu8_epi32(places), base));
        const __m256i wide = _mm256_cvtepu8_epi32(packed);
        if constexpr (sizeof(T) == 4) {
            _mm256_storeu_ps(x + n, _mm256_cvtepi32_ps(wide));
        } else {
            _mm256_storeu_pd(x + n, _mm256_cvtepi32_pd(_mm256_castsi256_si128(wide)));
            _mm256_storeu_pd(x + n + 4, _mm256_cvtepi32_pd(_mm256_extracti128_si256(wide, 1)));
        }
        n += __builtin_popcountll(set);
    }
    return n;
#else
    int n = 0;
    for (int i = 0; i < 16; ++i)
        if (bytes[i]) at[n] = first + uint32_t(i), x[n++] = T(bytes[i]);
    return n;
#endif
}

// The same for 16 numbers of the network's own type.
template <class T> INLINE int append_set(const T* numbers, uint32_t first, uint32_t* at, T* x) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
        const __m512 v = _mm512_loadu_ps(numbers);
        const __mmask16 set = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
        const __m512i places = _mm512_add_epi32(_mm512_set1_epi32(int(first)), _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        _mm512_storeu_si512(at, _mm512_maskz_compress_epi32(set, places));
        _mm512_storeu_ps(x, _mm512_maskz_compress_ps(set, v));
        return __builtin_popcount(set);
    }
#elif defined(__AVX2__)
    if constexpr (sizeof(T) == 4) {
        int n = 0;
        for (int half = 0; half < 2; ++half) {
            const __m256 v = _mm256_loadu_ps(numbers + 8 * half);
            const unsigned set = unsigned(_mm256_movemask_ps(_mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_NEQ_UQ)));
            const uint64_t mask = _pdep_u64(set, 0x0101010101010101ull) * 0xFF;
            const __m256i from = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(int64_t(_pext_u64(0x0706050403020100ull, mask))));
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(at + n), _mm256_add_epi32(from, _mm256_set1_epi32(int(first) + 8 * half)));
            _mm256_storeu_ps(x + n, _mm256_permutevar8x32_ps(v, from));
            n += __builtin_popcount(set);
        }
        return n;
    }
#endif
    int n = 0;
    for (int i = 0; i < 16; ++i) {
        at[n] = first + uint32_t(i), x[n] = numbers[i];
        n += numbers[i] != T(0);
    }
    return n;
}

// Products of the lower halves of 64-bit lanes.
typedef uint64_t V64 __attribute__((vector_size(VECTOR_BYTES)));
INLINE V64 mul32(V64 a, V64 b) {
#if defined(__AVX512F__)
    return (V64)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (V64)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#else
    return (V64)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
#endif
}

// Numbers are rounded to nearest, and small ones kept, whatever the process or another library has set.
class RoundToNearest {
#if defined(__x86_64__)
    unsigned before_ = _mm_getcsr();

  public:
    RoundToNearest() { _mm_setcsr(0x1f80); }
    ~RoundToNearest() { _mm_setcsr(before_); }
#else
    uint64_t before_;

  public:
    RoundToNearest() {
        asm volatile("mrs %0, fpcr" : "=r"(before_));
        asm volatile("msr fpcr, %0" ::"r"(uint64_t(0)));
    }
    ~RoundToNearest() { asm volatile("msr fpcr, %0" ::"r"(before_)); }
#endif
    RoundToNearest(const RoundToNearest&) = delete;
    RoundToNearest& operator=(const RoundToNearest&) = delete;
};

}  // namespace
}  // namespace pellucid
