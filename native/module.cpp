// The engine as a Python module. Arrays come through the buffer protocol, as they are; the interpreter's lock is
// released while something is computed.
#include <nanobind/nanobind.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "variants.hpp"

namespace nb = nanobind;

namespace pellucid {

namespace {

// What this processor can run, the fastest first.
const std::vector<const Variant*>& usable_variants() {
    static const std::vector<const Variant*> usable = [] {
        std::vector<const Variant*> found;
#if defined(PELLUCID_HAS_AVX512)
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2"))
            found.push_back(&variant_avx512);
#endif
#if defined(PELLUCID_HAS_AVX2)
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
            found.push_back(&variant_avx2);
#endif
#if defined(PELLUCID_HAS_NEON)
        found.push_back(&variant_neon);
#endif
        return found;
    }();
    return usable;
}

const Variant& variant_named(const std::string& name) {
    for (const Variant* variant : usable_variants())
        if (name == variant->name) return *variant;
    throw std::invalid_argument("no such instruction set here: " + name);
}

// A network, and the instructions that compute it.
struct Engine {
    Net net;
    const Variant& variant;
};

// An array's memory, for as long as this lives.
class View {
  public:
    View(nb::handle object, bool writable) {
        if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_STRIDES | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0)) != 0)
            throw nb::python_error();
    }
    ~View() { PyBuffer_Release(&view_); }
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    char format() const {
        const char* f = view_.format ? view_.format : "B";
        if (*f == '=' || *f == '<' || *f == '@') ++f;
        return *f == 'l' && view_.itemsize == 8 ? 'q' : *f == 'l' ? 'i' : *f;
    }
    int64_t rows() const { return view_.ndim > 0 ? view_.shape[0] : 0; }
    int64_t size() const { return view_.len / view_.itemsize; }
    int dimensions() const { return view_.ndim; }
    int64_t shape(int axis) const { return view_.shape[axis]; }
    int64_t stride(int axis) const { return view_.strides[axis]; }
    bool contiguous() const { return PyBuffer_IsContiguous(&view_, 'C'); }
    void* data() const { return view_.buf; }

    // The memory of at least n numbers of a type, without gaps.
    void* numbers(char format, int64_t n, const char* what) const {
        if (this->format() != format || !contiguous() || size() < n)
            throw std::invalid_argument(std::string("unfit array: ") + what);
        return data();
    }

  private:
    Py_buffer view_;
};

char number(const Net& net) { return net.f64 ? 'd' : 'f'; }

Kind kind_of(char format) {
    switch (format) {
        case 'B': return Kind::u8;
        case 'f': return Kind::f32;
        case 'd': return Kind::f64;
        default: throw std::invalid_argument("unfit array: X");
    }
}

// A dense array, or (data, indices, indptr) of compressed sparse rows.
class Given {
  public:
    Given(nb::handle X, const Net& net) {
        if (!nb::isinstance<nb::tuple>(X)) {
            const View& view = *new (&views_[0]) View(X, false);
            held_ = 1;
            if (view.dimensions() != 2 || view.shape(1) != net.n_in()) throw std::invalid_argument("unfit array: X");
            table = {view.data(), kind_of(view.format()), view.stride(0), view.stride(1), false, false, nullptr, nullptr};
            rows = view.rows();
            return;
        }
        nb::tuple parts = nb::borrow<nb::tuple>(X);
        for (size_t i = 0; i < 3; ++i) new (&views_[i]) View(parts[i], false), ++held_;
        const char wide = at(1).format();
        if ((wide != 'i' && wide != 'q') || at(2).format() != wide || at(2).rows() < 1 || !at(0).contiguous() || !at(1).contiguous() || !at(2).contiguous())
            throw std::invalid_argument("unfit array: X");
        table = {at(0).data(), kind_of(at(0).format()), 0, 0, true, wide == 'q', at(1).data(), at(2).data()};
        rows = at(2).rows() - 1;
    }
    ~Given() {
        for (int i = 0; i < held_; ++i) at(i).~View();
    }
    Given(const Given&) = delete;
    Given& operator=(const Given&) = delete;

    Table table;
    int64_t rows = 0;

  private:
    struct alignas(View) Room {
        std::byte bytes[sizeof(View)];
    };
    const View& at(int i) const { return *std::launder(reinterpret_cast<const View*>(&views_[size_t(i)])); }
    std::array<Room, 3> views_;
    int held_ = 0;
};

using LayerGiven = std::tuple<int64_t, int64_t, int, std::vector<std::tuple<uint32_t, uint32_t, double>>>;

using LossGiven = std::tuple<int, double, std::vector<double>>;

Net net_of(const std::vector<LayerGiven>& layers, const LossGiven& loss, bool f64, std::vector<double> scale, std::vector<double> shift) {
    const auto& [kind, factor, settings] = loss;
    if (settings.empty()) throw std::invalid_argument("unfit loss");
    Net net{{}, Loss(kind), factor, settings, f64, std::move(scale), std::move(shift)};
    for (const auto& [n_in, n_out, activation, drops] : layers) {
        Layer layer{n_in, n_out, Activation(activation), {}};
        for (const auto& [number, threshold, factor] : drops) layer.drops.push_back({number, threshold, factor});
        net.layers.push_back(std::move(layer));
    }
    for (const auto* v : {&net.scale, &net.shift})
        if (net.layers.empty() || (v->size() != 1 && int64_t(v->size()) != net.n_in())) throw std::invalid_argument("unfit scale or shift");
    net.prepare();
    return net;
}

std::pair<bool, double> forward(const Engine& engine, nb::handle parameters, nb::handle X, nb::handle output, bool shown, int threads) {
    const Net& net = engine.net;
    const Given given(X, net);
    const View numbers(parameters, false), out(output, true);
    const void* p = numbers.numbers(number(net), net.n_parameters(), "parameters");
    void* o = out.numbers(number(net), given.rows * net.n_out(), "output");
    if (given.rows < 4) {  // sooner done than the lock is released
        const Met met = engine.variant.forward(net, p, given.table, given.rows, o, shown, threads);
        return {met.finite, met.largest};
    }
    nb::gil_scoped_release released;
    const Met met = engine.variant.forward(net, p, given.table, given.rows, o, shown, threads);
    return {met.finite, met.largest};
}

struct Weighted {
    Weighted(nb::object given, const Net& net, int64_t rows) {
        if (given.is_none()) return;
        new (&room_) View(given, false);
        there_ = true;
        data = view().numbers(number(net), rows, "weights");
    }
    ~Weighted() {
        if (there_) view().~View();
    }
    Weighted(const Weighted&) = delete;
    Weighted& operator=(const Weighted&) = delete;
    const void* data = nullptr;

  private:
    const View& view() const { return *std::launder(reinterpret_cast<const View*>(room_)); }
    alignas(View) std::byte room_[sizeof(View)];
    bool there_ = false;
};

const void* targets_of(const View& T, const Net& net, int64_t rows) {
    return net.loss == Loss::cross_entropy ? T.numbers('q', rows, "T") : T.numbers(number(net), rows * net.n_out(), "T");
}

void check_order(const int64_t* order, int64_t n, int64_t rows) {
    for (int64_t i = 0; i < n; ++i)
        if (order[i] < 0 || order[i] >= rows) throw std::invalid_argument("unfit array: order");
}

// Loss and gradient of the rows of `order`, with the dropout of a step (seed, step) if any; where `seen` is not empty, every number
// on the way, too: for each layer X, Z, A, slope, dA and delta.
double loss_and_gradient(const Engine& engine, nb::handle parameters, nb::handle X, nb::handle T, nb::object weights, nb::handle order,
                         std::optional<std::pair<uint64_t, int64_t>> dropout, double l1, double l2, nb::handle gradient,
                         const std::vector<std::array<nb::object, 6>>& seen, int threads) {
    const Net& net = engine.net;
    const Given given(X, net);
    const View numbers(parameters, false), targets(T, false), rows(order, false), out(gradient, true);
    const Weighted weighted(weights, net, given.rows);
    const double rate = 0;
    double loss = 0;
    int64_t hits = 0;
    Training job;
    job.X = given.table;
    job.T = targets_of(targets, net, given.rows);
    job.weights = weighted.data;
    job.rows = job.batch = rows.rows();
    job.order = static_cast<const int64_t*>(rows.numbers('q', job.rows, "order"));
    check_order(job.order, job.rows, given.rows);
    job.steps = 1, job.rates = &rate;
    job.dropout = dropout.has_value();
    if (dropout) job.seed = dropout->first, job.first_step = dropout->second;
    job.l1 = l1, job.l2 = l2;
    job.rule = Rule::gradient;
    job.parameters = numbers.numbers(number(net), net.n_parameters(), "parameters");
    job.gradient = out.numbers(number(net), net.n_parameters(), "gradient");
    job.losses = &loss, job.hits = &hits;
    if (job.rows < 1 || (!seen.empty() && seen.size() != net.layers.size())) throw std::invalid_argument("unfit batch");
    std::vector<std::unique_ptr<View>> held;
    std::vector<LayerSeen> layers;
    for (size_t l = 0; l < seen.size(); ++l) {
        std::array<void*, 6> to;
        for (size_t i = 0; i < 6; ++i) {
            held.push_back(std::make_unique<View>(seen[l][i], true));
            to[i] = held.back()->numbers(number(net), job.rows * (i == 0 ? net.layers[l].n_in : net.layers[l].n_out), "seen");
        }
        layers.push_back({to[0], to[1], to[2], to[3], to[4], to[5]});
    }
    if (!layers.empty()) job.seen = &layers, job.sparse = 0;
    nb::gil_scoped_release released;
    engine.variant.train(net, job, threads);
    return loss;
}

// rule: what the optimiser is called, and its settings; see `_rule` in _native_engine.py. layer_rates: empty, or one for each layer.
std::pair<int64_t, bool> train(const Engine& engine, nb::handle X, nb::handle T, nb::object weights,
                               nb::handle order, int64_t batch, int64_t epoch, int64_t first_step, nb::handle rates,
                               std::array<double, 3> penalties, uint64_t seed, std::pair<int, std::array<double, 8>> rule, const std::vector<double>& layer_rates,
                               nb::handle parameters, const std::vector<nb::object>& slots, nb::handle losses, nb::handle hits,
                               int threads, int sparse, bool recompute, nb::object held_places) {
    const Net& net = engine.net;
    const Given given(X, net);
    const View targets(T, false), in_order(order, false), at_rates(rates, false), numbers(parameters, true), to_losses(losses, true),
        to_hits(hits, true);
    const Weighted weighted(weights, net, given.rows);
    const int64_t steps = at_rates.rows(), n = net.n_parameters(), rows = in_order.rows();
    const int64_t of_epoch = epoch ? epoch : rows, each = batch > 0 ? (of_epoch + batch - 1) / batch : 0;
    const bool enough = steps <= 0 || (each > 0 && (steps - 1) / each * of_epoch + (steps - 1) % each * batch < rows);
    if (batch < 1 || epoch < 0 || (epoch > 0 && rows % epoch != 0) || !enough || slots.size() > 2) throw std::invalid_argument("unfit job");
    Training job;
    job.X = given.table;
    job.T = targets_of(targets, net, given.rows);
    job.weights = weighted.data;
    job.order = static_cast<const int64_t*>(in_order.numbers('q', rows, "order"));
    check_order(job.order, rows, given.rows);
    job.rows = rows, job.batch = batch, job.epoch = epoch, job.first_step = first_step, job.steps = steps;
    job.rates = static_cast<const double*>(at_rates.numbers('d', steps, "rates"));
    job.l1 = penalties[0], job.l2 = penalties[1], job.alpha = penalties[2];
    job.seed = seed, job.sparse = sparse, job.recompute = recompute;
    job.rule = Rule(rule.first);
    const auto [beta_1, beta_2, epsilon, momentum, decay, clip_norm, clip_value, hat] = rule.second;
    job.beta_1 = beta_1, job.beta_2 = beta_2, job.epsilon = epsilon, job.momentum = momentum;
    job.decay = decay, job.clip_norm = clip_norm, job.clip_value = clip_value, job.hat = hat != 0;
    if (!layer_rates.empty() && layer_rates.size() != net.layers.size()) throw std::invalid_argument("unfit layer rates");
    job.layer_rates = layer_rates.empty() ? nullptr : layer_rates.data();
    if (slots.size() != slots_of(job.rule)) throw std::invalid_argument("unfit slots");
    job.parameters = numbers.numbers(number(net), n, "parameters");
    std::vector<std::unique_ptr<View>> held;
    for (size_t i = 0; i < slots.size(); ++i) {
        held.push_back(std::make_unique<View>(slots[i], true));
        job.slots[i] = held.back()->numbers(number(net), n, "slots");
    }
    if (!held_places.is_none()) {
        held.push_back(std::make_unique<View>(held_places, false));
        job.n_held = held.back()->rows();
        job.held = static_cast<const int64_t*>(held.back()->numbers('q', job.n_held, "held"));
        check_order(job.held, job.n_held, n);
    }
    job.losses = static_cast<double*>(to_losses.numbers('d', steps, "losses"));
    job.hits = static_cast<int64_t*>(to_hits.numbers('q', steps, "hits"));
    nb::gil_scoped_release released;
    const Made made = engine.variant.train(net, job, threads);
    return {made.steps, made.diverged};
}

// The loss of each row of outputs.
void row_losses(const Engine& engine, nb::handle output, nb::handle T, nb::handle losses) {
    const Net& net = engine.net;
    const View from(output, false), targets(T, false), to(losses, true);
    const int64_t rows = from.rows();
    const void* z = from.numbers(number(net), rows * net.n_out(), "output");
    const void* t = targets_of(targets, net, rows);
    double* L = static_cast<double*>(to.numbers('d', rows, "losses"));
    nb::gil_scoped_release released;
    engine.variant.row_losses(net, z, t, rows, L);
}

void permutation(const std::string& variant, uint64_t seed, uint32_t step, uint32_t epoch, uint32_t address, nb::handle order) {
    const View to(order, true);
    const int64_t n = to.rows();
    if (n >= int64_t(1) << 32) throw std::invalid_argument("unfit array: order");
    const Variant& engine = variant_named(variant);
    int64_t* places = static_cast<int64_t*>(to.numbers('q', n, "order"));
    nb::gil_scoped_release released;
    engine.permutation(seed, step, epoch, address, n, places);
}

void elementary(const std::string& name, const std::string& variant, nb::handle x, nb::handle y) {
    const View from(x, false), to(y, true);
    const char format = from.format();
    if (format != 'f' && format != 'd') throw std::invalid_argument("unfit array: x");
    variant_named(variant).elementary(name.c_str(), format == 'd', from.numbers(format, 0, "x"), to.numbers(format, from.size(), "y"), from.size());
}

}  // namespace

}  // namespace pellucid

NB_MODULE(_native, m) {
    using namespace pellucid;
    nb::set_leak_warnings(false);  // networks that live until the interpreter ends are no leak
    nb::class_<Engine>(m, "Engine")
        .def("__init__", [](Engine* self, const std::string& variant, const std::vector<LayerGiven>& layers, const LossGiven& loss, bool f64,
                            std::vector<double> scale, std::vector<double> shift) {
            new (self) Engine{net_of(layers, loss, f64, std::move(scale), std::move(shift)), variant_named(variant)};
        });
    m.def("variants", [] {
        std::vector<std::string> names;
        for (const Variant* variant : usable_variants()) names.emplace_back(variant->name);
        return names;
    });
    m.def("forward", &forward);
    m.def("loss_and_gradient", &loss_and_gradient, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), nb::arg().none(),
          nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg());
    m.def("row_losses", &row_losses);
    m.def("train", &train, nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none());
    m.def("product_seconds", [](const std::string& variant, int64_t batch, int64_t n_in, int64_t n_out, int repeats, int threads) {
        if (batch < 1 || n_in < 1 || n_out < 1 || repeats < 1 || threads < 1) throw std::invalid_argument("unfit product");
        const Variant& engine = variant_named(variant);
        nb::gil_scoped_release released;
        return engine.product_seconds(batch, n_in, n_out, repeats, threads);
    });
    m.def("permutation", &permutation);
    m.def("elementary", &elementary);
}
