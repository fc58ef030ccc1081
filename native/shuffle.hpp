// An epoch's order: 0 … n − 1 sorted by their 64-bit random elements, equal ones by index.
#pragma once

#include "philox.hpp"
#include "team.hpp"

namespace pellucid {
namespace {

// Sorts by the upper 32 bits in three passes that keep the order of equal ones, then mends the few that are equal there.
inline void shuffled(const Stream& stream, int64_t n, int64_t* order) {
    Buffer<uint64_t> elements(n + Stream::ELEMENTS), one(n), other(n);  // the latter two: an element's upper half, its index
    for (int64_t i = 0; i < n; i += Stream::ELEMENTS) stream.elements(uint64_t(i / 2), &elements[i]);
    for (int64_t i = 0; i < n; ++i) one[i] = (elements[i] & 0xFFFFFFFF00000000u) | uint64_t(i);
    for (int shift = 32; shift < 64; shift += 11) {
        int64_t place[2049] = {};
        for (int64_t i = 0; i < n; ++i) ++place[(one[i] >> shift & 2047) + 1];
        for (int digit = 0; digit < 2048; ++digit) place[digit + 1] += place[digit];
        for (int64_t i = 0; i < n; ++i) other[place[one[i] >> shift & 2047]++] = one[i];
        one = std::move(other);
    }
    for (int64_t i = 0; i < n; ++i) {
        const int64_t index = one[i] & 0xFFFFFFFFu;
        int64_t j = i;
        for (; j > 0 && elements[order[j - 1]] > elements[index]; --j) order[j] = order[j - 1];
        order[j] = index;
    }
}

}  // namespace
}  // namespace pellucid
