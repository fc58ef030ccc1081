// Threads for the time of one call, and the barrier they meet at.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "simd.hpp"

namespace pellucid {
namespace {

// A share of 0 … n in units: thread t of `threads` gets [begin, end). Only outputs are ever shared out, never a sum.
struct Share {
    int64_t begin, end;
};
INLINE Share share(int64_t n, int64_t unit, int t, int threads) {
    const int64_t units = (n + unit - 1) / unit;
    const int64_t begin = units * t / threads * unit, end = units * (t + 1) / threads * unit;
    return {begin < n ? begin : n, end < n ? end : n};
}

class Barrier {
  public:
    explicit Barrier(int threads) : threads_(threads) {}
    // Spins briefly, then yields: where there are more threads than processors, a spinning one holds up the others.
    void wait() {
        const uint32_t round = round_.load(std::memory_order_acquire);
        if (waiting_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
            waiting_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
            return;
        }
        for (int spins = 0; round_.load(std::memory_order_acquire) == round; ++spins) {
            if (spins < 4000) {
#if defined(__x86_64__)
                _mm_pause();
#else
                asm volatile("yield");
#endif
            } else {
                std::this_thread::yield();
            }
        }
    }

  private:
    const int threads_;
    alignas(64) std::atomic<int> waiting_{0};
    alignas(64) std::atomic<uint32_t> round_{0};
};

// Calls f(t) for t = 0 … threads − 1, the first on this thread; nothing outlives the call, so forking is safe.
template <class F> void together(int threads, F f) {
    std::vector<std::thread> others;
    others.reserve(size_t(threads));
    for (int t = 1; t < threads; ++t)
        others.emplace_back([f, t] {
            RoundToNearest mode;
            f(t);
        });
    {
        RoundToNearest mode;
        f(0);
    }
    for (std::thread& other : others) other.join();
}

// Memory that starts on a cache line, zero at first.
template <class T> class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(int64_t n) {
        if (n <= 0) return;
        const size_t bytes = (size_t(n) * sizeof(T) + 63) / 64 * 64;
        p_ = static_cast<T*>(::operator new(bytes, std::align_val_t(64)));
        std::memset(static_cast<void*>(p_), 0, bytes);
    }
    Buffer(Buffer&& other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(p_, other.p_);
        return *this;
    }
    ~Buffer() {
        if (p_) ::operator delete(static_cast<void*>(p_), std::align_val_t(64));
    }
    T* get() const { return p_; }
    T& operator[](int64_t i) const { return p_[i]; }

  private:
    T* p_ = nullptr;
};

}  // namespace
}  // namespace pellucid
