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

    // Words 4·block … of as many blocks as a vector has 64-bit lanes; returns how many words.
    int words(uint64_t block, uint32_t* to) const {
        constexpr int LANES = VECTOR_BYTES / 8;
        const V64 low = V64{} + 0xFFFFFFFFu;
        V64 c0, c1 = V64{} + step, c2 = V64{} + epoch, c3 = V64{} + address;
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
        for (int i = 0; i < LANES; ++i) {
            to[4 * i] = uint32_t(c0[i]), to[4 * i + 1] = uint32_t(c1[i]);
            to[4 * i + 2] = uint32_t(c2[i]), to[4 * i + 3] = uint32_t(c3[i]);
        }
        return 4 * LANES;
    }

    // Words first … first + n − 1, each given to f(i, word).
    template <class F> void each(uint64_t first, int64_t n, F f) const {
        uint32_t drawn[64];
        uint64_t block = first / 4;
        int64_t i = -int64_t(first % 4);
        while (i < n) {
            const int count = words(block, drawn);
            for (int w = 0; w < count && i < n; ++w, ++i)
                if (i >= 0) f(i, drawn[w]);
            block += uint64_t(count / 4);
        }
    }
};

}  // namespace
}  // namespace pellucid
