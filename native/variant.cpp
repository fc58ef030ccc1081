// The engine for one instruction set: compiled once for each, with PELLUCID_VARIANT its name.
#include <algorithm>
#include <chrono>
#include <cstring>

#include "predict.hpp"
#include "shuffle.hpp"
#include "train.hpp"

namespace pellucid {
namespace {

// More threads than any use has; a number that the system cannot give would end the process.
constexpr int MOST_THREADS = 256;

// A negative number of threads is the most that may be used: as many as the work is worth.
int worthwhile(int threads, double operations) {
    if (threads >= 0) return std::clamp(threads, 1, MOST_THREADS);
    return std::max(1, std::min({-threads, MOST_THREADS, int(std::min(operations / 4e5, 1e6))}));
}

Made train(const Net& net, const Training& job, int threads) {
    threads = worthwhile(threads, 6.0 * double(net.n_parameters()) * double(job.batch));
    RoundToNearest mode;
    return net.f64 ? Trainer<double>(net, job, threads).run() : Trainer<float>(net, job, threads).run();
}

template <class T>
Met forward_as(const Net& net, const void* parameters, const Table& X, int64_t rows, void* output, bool shown, int threads) {
    const Predictor<T> predictor(net, static_cast<const T*>(parameters), X, rows, static_cast<T*>(output), shown);
    if (rows < 4) return predictor.few();
    const double operations = 2.0 * double(net.n_parameters()) * double(rows) / 4;  // a thread costs more to start than a barrier
    const int64_t panels = (rows + PW<T> - 1) / PW<T>;
    return predictor.many(int(std::min<int64_t>(worthwhile(threads, operations), panels)));
}

Met forward(const Net& net, const void* parameters, const Table& X, int64_t rows, void* output, bool shown, int threads) {
    if (rows == 0) return {};
    RoundToNearest mode;
    return net.f64 ? forward_as<double>(net, parameters, X, rows, output, shown, threads)
                   : forward_as<float>(net, parameters, X, rows, output, shown, threads);
}

void row_losses(const Net& net, const void* output, const void* targets, int64_t rows, double* losses) {
    RoundToNearest mode;
    net.f64 ? losses_of<double>(net, static_cast<const double*>(output), targets, rows, losses)
            : losses_of<float>(net, static_cast<const float*>(output), targets, rows, losses);
}

template <class T> void elementary_as(const char* name, const T* x, T* y, int64_t n) {
    for (int64_t i = 0; i < n; i += VW<T>) {
        const int count = int(std::min<int64_t>(VW<T>, n - i));
        const V<T> v = load_first<T>(x + i, count);
        const auto is = [&](const char* other) { return std::strcmp(name, other) == 0; };
        store_first<T>(y + i,
                       is("exp")       ? exp<T>(v)
                       : is("expm1")   ? expm1<T>(v)
                       : is("log")     ? log<T>(v)
                       : is("log1p")   ? log1p<T>(v)
                       : is("sigmoid") ? sigmoid<T>(v)
                       : is("tanh")    ? tanh<T>(v)
                       : is("elu")     ? Elu<T>::f(v)
                       : is("selu")    ? Selu<T>::f(v)
                       : is("gelu")    ? Gelu<T>::f(v)
                       : is("silu")    ? Silu<T>::f(v)
                       : is("softplus") ? Softplus<T>::f(v)
                                       : LeakyRelu<T>::f(v),
                       count);
    }
}

double product_seconds(int64_t batch, int64_t n_in, int64_t n_out, int repeats, int threads) {
    using T = float;
    const int64_t panels = (batch + PW<T> - 1) / PW<T>, x = (n_in + 2) * PW<T>, z = (n_out + 2) * PW<T>;
    Buffer<T> W((n_in + 1) * n_out), X(panels * x), Z(panels * z);
    for (int64_t i = 0; i < (n_in + 1) * n_out; ++i) W[i] = T(i % 7) - 3;
    for (int64_t i = 0; i < panels * x; ++i) X[i] = T(i % 5) - 2;
    Barrier barrier(threads);
    double seconds = 0;
    together(threads, [&](int t) {
        Buffer<T> packed(PACKED_NUMBERS<T>);
        for (int repeat = -1; repeat < repeats; ++repeat) {  // the first is not counted
            if (threads > 1) barrier.wait();
            const auto begun = std::chrono::steady_clock::now();
            forward_product<T>(W.get(), n_in, n_out, Panels<T>{X.get(), x}, Panels<T>{Z.get(), z}, share(n_out, PW<T>, t, threads),
                               Share{0, panels}, packed.get());
            if (threads > 1) barrier.wait();
            if (t == 0 && repeat >= 0) seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        }
    });
    return seconds / repeats;
}

void permutation(uint64_t seed, uint32_t step, uint32_t epoch, uint32_t address, int64_t n, int64_t* order) {
    shuffled(Stream{seed, step, epoch, address}, n, order);
}

void elementary(const char* name, bool f64, const void* x, void* y, int64_t n) {
    RoundToNearest mode;
    f64 ? elementary_as<double>(name, static_cast<const double*>(x), static_cast<double*>(y), n)
        : elementary_as<float>(name, static_cast<const float*>(x), static_cast<float*>(y), n);
}

}  // namespace

#define NAME_OF(variant) #variant
#define VARIANT(variant) extern const Variant variant_##variant = {NAME_OF(variant), train, forward, row_losses, product_seconds, permutation, elementary};
#define VARIANT_OF(variant) VARIANT(variant)
VARIANT_OF(PELLUCID_VARIANT)

}  // namespace pellucid
