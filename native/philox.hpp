// Random words by their address: Philox 4×32-10, the same words as pellucid.random draws.
//
// Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
#pragma once

#include "simd.hpp"

namespace pellucid {
namespace {

constexpr uint32_t PURPOSE_DROPOUT = 3;

struct Stream {
    uint64_t seed;
    uint32_t step, epoch, address;  // address: purpose + 256·layer

    static constexpr int LANES = VECTOR_BYTES / 8;

    // The four words of as many blocks as a vector has 64-bit lanes.
    INLINE void blocks(uint64_t block, V64& c0, V64& c1, V64& c2, V64& c3) const {
        const V64 low = V64{} + 0xFFFFFFFFu;
        c1 = V64{} + step, c2 = V64{} + epoch, c3 = V64{} + address;
        for (int i = 0; i < LANES; ++i) c0[i] = (block + uint64_t(i)) & 0xFFFFFFFFu;
        uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
        for (int round = 0; round < 10; ++round) {
            const V64 product_0 = mul32(c0, V64{} + 0xD2511F53u), product_1 = mul32(c2, V64{} + 0xCD9E8D57u);
            c0 = (product_1 >> 32) ^ c1 ^ k0;
            c1 = product_1 & low;
            c2 = (product_0 >> 32) ^ c3 ^ k1;
            c3 = product_0 & low;
            k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
        }
    }

    // The 64-bit elements 2·block … of so many blocks: word 2i below word 2i + 1.
    static constexpr int ELEMENTS = 2 * LANES;
    INLINE void elements(uint64_t block, uint64_t* to) const {
        V64 c0, c1, c2, c3;
        blocks(block, c0, c1, c2, c3);
        const V64 even = c0 | (c1 << 32), odd = c2 | (c3 << 32);
        for (int i = 0; i < LANES; ++i) to[2 * i] = even[i], to[2 * i + 1] = odd[i];
    }

    // Words first … first + n − 1, each given to f(i, word).
    template <class F> void each(uint64_t first, int64_t n, F f) const {
        uint64_t drawn[ELEMENTS];
        int64_t i = -int64_t(first % 4);
        for (uint64_t block = first / 4; i < n; block += LANES) {
            elements(block, drawn);
            for (int w = 0; w < 2 * ELEMENTS && i < n; ++w, ++i)
                if (i >= 0) f(i, uint32_t(drawn[w / 2] >> (w % 2 ? 32 : 0)));
        }
    }
};

}  // namespace
}  // namespace pellucid
