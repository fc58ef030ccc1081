// What the engine is asked, as plain data: the same for every instruction set, and for Python as for a plain program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pellucid {

enum class Activation : int { identity, sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, silu, softplus };
enum class Loss : int { cross_entropy, binary_cross_entropy, mse, mae, huber, pinball, poisson };
// gradient: no step, the gradient itself is wanted.
enum class Rule : int { gradient, sgd, momentum, nesterov, adam, rmsprop, adagrad, velocity, velocity_nesterov };
constexpr size_t slots_of(Rule rule) { return rule == Rule::adam ? 2 : rule == Rule::sgd ? 0 : 1; }
enum class Kind : int { u8, f32, f64 };

// Units of a layer's input are left out where their random word is below the threshold; the others are scaled.
struct Drop {
    uint32_t layer, threshold;
    double factor;
};

struct Layer {
    int64_t n_in, n_out;
    Activation activation;
    std::vector<Drop> drops;  // of its input
};

struct Net {
    std::vector<Layer> layers;
    Loss loss;
    double loss_factor;  // of each sample's loss: the number of outputs makes a mean over them a sum
    std::vector<double> loss_settings;  // cross_entropy: smoothing; huber: delta; pinball: the quantiles, output by output in turn
    bool f64;
    std::vector<double> scale, shift;  // x is used as (x − shift)·scale: one for all inputs, or one for each
    std::vector<float> scale_f32{}, shift_f32{};  // the same in float; `prepare` makes them, and room to read vectors
    void prepare() {
        scale_f32.assign(scale.begin(), scale.end()), shift_f32.assign(shift.begin(), shift.end());
        for (auto* v : {&scale, &shift}) v->resize(v->size() + 16);
        for (auto* v : {&scale_f32, &shift_f32}) v->resize(v->size() + 16);
    }
    bool one_scale() const { return scale.size() == 17 && n_in() > 1; }
    bool one_shift() const { return shift.size() == 17 && n_in() > 1; }
    int64_t n_in() const { return layers.front().n_in; }
    int64_t n_out() const { return layers.back().n_out; }
    int64_t n_parameters() const {
        int64_t n = 0;
        for (const Layer& layer : layers) n += (layer.n_in + 1) * layer.n_out;
        return n;
    }
};

// A table as it is given: dense with any strides (in bytes), or compressed sparse rows with sorted indices.
struct Table {
    const void* data = nullptr;
    Kind kind = Kind::f32;
    int64_t row_stride = 0, column_stride = 0;
    bool sparse = false, wide_indices = false;
    const void* indices = nullptr;
    const void* indptr = nullptr;
};

// Where the numbers of a layer go that is looked at: rows of the batch, one after the other, in the network's type.
struct LayerSeen {
    void *X, *Z, *A, *slope, *dA, *delta;
};

struct Training {
    Table X;
    const void* T = nullptr;        // int64 classes, or n_out numbers a row
    const void* weights = nullptr;  // a number for each row of X, or null
    const int64_t* order = nullptr;  // the rows that the steps see, batch after batch; the last one may be smaller
    int64_t rows = 0, batch = 0, first_step = 0, steps = 0;
    int64_t epoch = 0;  // after how many rows of the order a batch ends early, again and again; 0: at the order's end alone
    const double* rates = nullptr;
    double l1 = 0, l2 = 0;
    double alpha = 0;  // of squared weights, as l2, but divided by the batch's total weight
    double l2_of(double total_weight) const { return l2 + alpha / total_weight; }
    uint64_t seed = 0;
    bool dropout = true;
    bool recompute = false;  // keep few layers' outputs, and compute the others anew on the way back; no bit differs
    Rule rule = Rule::sgd;
    double beta_1 = 0, beta_2 = 0, epsilon = 0, momentum = 0;
    bool hat = false;  // adam's ε is added before the bias correction
    double decay = 0;                       // of all parameters, beside the rule's own step
    double clip_norm = 0, clip_value = 0;   // the most that the gradient's norm, or each of its numbers, may be; 0: no bound
    const double* layer_rates = nullptr;    // a factor of the rate for each layer, 0 freezes it; null: 1 for all
    bool frozen(int layer) const { return layer_rates && layer_rates[layer - 1] == 0; }
    void* parameters = nullptr;
    void* slots[2] = {nullptr, nullptr};
    void* gradient = nullptr;  // for Rule::gradient
    double* losses = nullptr;
    int64_t* hits = nullptr;
    const int64_t* held = nullptr;  // places of parameters that no step changes
    int64_t n_held = 0;
    const std::vector<LayerSeen>* seen = nullptr;  // for one step whose every number is wanted
    int sparse = -1;                         // read a dense table sparsely: 1 yes, 0 no, −1 where it pays; no bit differs
};

// What prediction meets: whether inputs and outputs are finite, and the largest magnitude of an input after scaling.
struct Met {
    bool finite = true;
    double largest = 0;
};

struct Made {
    int64_t steps;
    bool diverged;
};

// One instruction set's engine.
struct Variant {
    const char* name;
    Made (*train)(const Net&, const Training&, int threads);
    // shown: as probabilities, where the loss owns the output function; rows that are not finite are NaN.
    Met (*forward)(const Net&, const void* parameters, const Table&, int64_t rows, void* output, bool shown, int threads);
    // The loss of each row of outputs, one after the other.
    void (*row_losses)(const Net&, const void* output, const void* targets, int64_t rows, double* losses);
    // Seconds that one product forward takes, of a batch that lies as in training; for benchmarks.
    double (*product_seconds)(int64_t batch, int64_t n_in, int64_t n_out, int repeats, int threads);
    // 0 … n − 1 sorted by their 64-bit random elements, as pellucid.random's Stream.permutation.
    void (*permutation)(uint64_t seed, uint32_t step, uint32_t epoch, uint32_t address, int64_t n, int64_t* order);
    void (*elementary)(const char* name, bool f64, const void* x, void* y, int64_t n);
};

}  // namespace pellucid
