// Performs the steps of a recorded job without Python, so that they can be made on another processor, or under a
// sanitizer: replay JOB THREADS [INSTRUCTIONS] writes parameters, slots, losses and hits to standard output.
//
// The job is what tests/engine/recorded.py writes: whole numbers, settings, layers, then arrays, each as it lies in memory.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "variants.hpp"

namespace pellucid {
namespace {

const Variant* variant_named(const char* name) {
    const Variant* variants[] = {
#if defined(PELLUCID_HAS_AVX2)
        &variant_avx2,
#endif
#if defined(PELLUCID_HAS_AVX512)
        &variant_avx512,
#endif
#if defined(PELLUCID_HAS_NEON)
        &variant_neon,
#endif
    };
    if (!name) return variants[0];
    for (const Variant* variant : variants)
        if (std::strcmp(variant->name, name) == 0) return variant;
    return nullptr;
}

[[noreturn]] void fail(const char* why) {
    std::fprintf(stderr, "replay: %s\n", why);
    std::exit(2);
}

class Reader {
  public:
    explicit Reader(const char* path) : file_(std::fopen(path, "rb")) {
        if (!file_) fail("the job cannot be opened");
    }
    ~Reader() { std::fclose(file_); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    template <class T> std::vector<T> many(size_t n) {
        std::vector<T> values(n);
        if (n && std::fread(values.data(), sizeof(T), n, file_) != n) fail("the job ends early");
        return values;
    }
    template <class T> T one() { return many<T>(1)[0]; }
    int64_t whole() { return one<int64_t>(); }

  private:
    std::FILE* file_;
};

void write(const void* p, size_t bytes) {
    if (std::fwrite(p, 1, bytes, stdout) != bytes) fail("the result cannot be written");
}

int replay(const char* path, int threads, const Variant& engine) {
    Reader in(path);
    const int64_t n_layers = in.whole(), loss = in.whole(), f64 = in.whole(), n_scale = in.whole(), n_shift = in.whole();
    const int64_t data_rows = in.whole(), kind = in.whole(), csr = in.whole(), stored = in.whole(), weighted = in.whole();
    Training job;
    job.rows = in.whole(), job.batch = in.whole(), job.epoch = in.whole(), job.first_step = in.whole(), job.steps = in.whole();
    job.seed = uint64_t(in.whole()), job.rule = Rule(in.whole());
    const size_t n_slots = size_t(in.whole());
    job.sparse = int(in.whole());
    job.recompute = in.whole() != 0;
    for (double* setting : {&job.l1, &job.l2, &job.alpha, &job.beta_1, &job.beta_2, &job.epsilon, &job.momentum, &job.decay, &job.clip_norm, &job.clip_value})
        *setting = in.one<double>();
    job.hat = in.whole() != 0;
    const auto layer_rates = in.many<double>(size_t(in.whole()));
    job.layer_rates = layer_rates.empty() ? nullptr : layer_rates.data();

    const double factor = in.one<double>();
    Net net{{}, Loss(loss), factor, in.many<double>(size_t(in.whole())), f64 != 0, {}, {}};
    for (int64_t l = 0; l < n_layers; ++l) {
        Layer layer;
        layer.n_in = in.whole(), layer.n_out = in.whole(), layer.activation = Activation(in.whole());
        for (int64_t drops = in.whole(); drops > 0; --drops) {
            Drop drop;
            drop.layer = uint32_t(in.whole()), drop.threshold = uint32_t(in.whole()), drop.factor = in.one<double>();
            layer.drops.push_back(drop);
        }
        net.layers.push_back(std::move(layer));
    }
    net.scale = in.many<double>(size_t(n_scale)), net.shift = in.many<double>(size_t(n_shift));
    net.prepare();

    const size_t number = f64 ? 8 : 4, of_kind = kind == 0 ? 1 : kind == 1 ? 4 : 8, n = size_t(net.n_parameters());
    const auto X = in.many<char>(size_t(csr ? stored : data_rows * net.n_in()) * of_kind);
    const auto indices = in.many<int32_t>(csr ? size_t(stored) : 0), indptr = in.many<int32_t>(csr ? size_t(data_rows + 1) : 0);
    job.X = {X.data(), Kind(kind), int64_t(net.n_in() * int64_t(of_kind)), int64_t(of_kind), csr != 0, false, indices.data(), indptr.data()};
    const auto T = in.many<char>(size_t(data_rows) * (net.loss == Loss::cross_entropy ? 8 : number * size_t(net.n_out())));
    const auto weights = in.many<char>(weighted ? size_t(data_rows) * number : 0);
    const auto order = in.many<int64_t>(size_t(job.rows));
    const auto rates = in.many<double>(size_t(job.steps));
    auto parameters = in.many<char>(n * number);
    std::vector<std::vector<char>> slots;
    for (size_t i = 0; i < n_slots; ++i) slots.push_back(in.many<char>(n * number));
    std::vector<double> losses(static_cast<size_t>(job.steps));
    std::vector<int64_t> hits(static_cast<size_t>(job.steps));
    job.T = T.data(), job.weights = weighted ? weights.data() : nullptr, job.order = order.data(), job.rates = rates.data();
    job.parameters = parameters.data(), job.losses = losses.data(), job.hits = hits.data();
    for (size_t i = 0; i < n_slots; ++i) job.slots[i] = slots[i].data();

    const Made made = engine.train(net, job, threads);
    if (made.steps != job.steps || made.diverged) fail("the steps diverged");
    write(parameters.data(), parameters.size());
    for (const auto& slot : slots) write(slot.data(), slot.size());
    write(losses.data(), losses.size() * sizeof(double));
    write(hits.data(), hits.size() * sizeof(int64_t));
    return 0;
}

}  // namespace
}  // namespace pellucid

int main(int argc, char** argv) {
    if (argc < 3) pellucid::fail("usage: replay JOB THREADS [INSTRUCTIONS]");
    const pellucid::Variant* engine = pellucid::variant_named(argc > 3 ? argv[3] : nullptr);
    if (!engine) pellucid::fail("there is no such instruction set");
    return pellucid::replay(argv[1], std::atoi(argv[2]), *engine);
}
