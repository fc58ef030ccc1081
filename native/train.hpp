// Many steps of training in one call, on any number of threads.
#pragma once

#include <algorithm>
#include <memory>

#include "activations.hpp"
#include "losses.hpp"
#include "philox.hpp"
#include "plan.hpp"
#include "products.hpp"
#include "rules.hpp"
#include "team.hpp"

namespace pellucid {
namespace {

template <class T> class Trainer {
  public:
    Trainer(const Net& net, const Training& job, int threads)
        : net_(net), job_(job), threads_(threads), n_(int(net.layers.size())), batch_(job.batch),
          panels_((job.batch + PW<T> - 1) / PW<T>), scaling_(net), sparse_(decide_sparse()),
          plan_(net, job, PW<T>, sparse_, threads), barrier_(threads), workers_(size_t(threads)), taken_(net.layers.size() + 1) {
        int64_t at = 0, rows = 0;
        for (const Layer& layer : net.layers) {
            offset_.push_back(at), row_offset_.push_back(rows);
            at += (layer.n_in + 1) * layer.n_out, rows += layer.n_in;
        }
        const int twice = plan_.doubled ? 2 : 1;
        for (int parity = 0; parity < twice; ++parity) {
            std::vector<int64_t> widths(size_t(n_) + 1, -1), dropped = widths, bent = widths;  // of the widest there; −1: none
            for (int l = 0; l <= n_; ++l) {
                const size_t at = size_t(plan_.outputs(l));
                if (l > 0 || !sparse_) widths[at] = std::max(widths[at], width(l));
                if (l > 0 && keeps_slopes(activation(l))) bent[at] = std::max(bent[at], width(l));
                if (drops(l)) dropped[at] = std::max(dropped[at], width(l));
            }
            for (size_t l = 0; l <= size_t(n_); ++l) {
                outputs_[parity].push_back(samples_of(std::max<int64_t>(widths[l], 0), widths[l] >= 0));
                masks_[parity].push_back(samples_of(std::max<int64_t>(dropped[l], 0), dropped[l] >= 0));
                dropped_[parity].push_back(samples_of(std::max<int64_t>(dropped[l], 0), dropped[l] >= 0));
                bends_[parity].push_back(samples_of(std::max<int64_t>(bent[l], 0), bent[l] >= 0));
            }
            int64_t widest = 0;
            for (int l = 1; l <= n_; ++l) widest = std::max(widest, width(l));
            for (int i = 0; i < (plan_.together ? n_ + 1 : 2); ++i) {
                const bool used = !plan_.together || i > 0;
                const int64_t w = !used ? 0 : plan_.together ? width(i) : widest;
                slopes_[parity].push_back(samples_of(w, used));
                turned_[parity].push_back(units_of(w, used));
            }
            losses_[parity] = Buffer<double>(batch_);
            hits_[parity] = Buffer<int64_t>(panels_);
            if (sparse_) batches_[parity] = std::make_unique<SparseBatch<T>>(batch_, width(0), threads);
        }
        squares_ = Buffer<double>(job.l2 != 0 || job.alpha != 0 ? rows : 0), sizes_ = Buffer<double>(job.l1 != 0 ? rows : 0);
        if (job.clip_norm != 0) gradient_ = Buffer<T>(at), norms_ = Buffer<double>(rows + n_);
        depth_ = tree_depth(batch_);
        for (int64_t i = 0; i < job.n_held; ++i) held_.push_back(static_cast<const T*>(job.parameters)[job.held[i]]);
        for (Worker& worker : workers_) {
            worker.room = MAX_ROWS * MAX_PANELS * PW<T>;
            worker.block = Buffer<T>(depth_ * worker.room);
            for (const Layer& layer : net.layers)
                if (far_apart<T>(layer.n_out, panels_) && !worker.packed.get()) worker.packed = Buffer<T>(PACKED_NUMBERS<T>);
            if (sparse_) {
                worker.sparse_room = (width(0) + 1) * 2 * PW<T>;
                worker.sparse_block = Buffer<T>(depth_ * worker.sparse_room);
            } else {
                worker.rows = Buffer<T>(PW<T> * (width(0) + PW<T>));
            }
        }
    }

    Made run() {
        std::atomic<int64_t> made{job_.steps};
        std::atomic<bool> diverged{false};
        if (job_.steps > 0)
            together(threads_, [&](int t) {
                gather(job_.first_step, t);
                if (threads_ > 1) barrier_.wait();
                for (int64_t k = 0; k < job_.steps; ++k)
                    if (!step(k, t)) {
                        if (t == 0) made = k, diverged = bad(k - 1);
                        return;
                    }
            });
        if (made == job_.steps && bad(made - 1)) diverged = true;
        if (job_.seen) tell_rest(job_.first_step);
        return {made, diverged};
    }

  private:
    struct alignas(64) Worker {
        Buffer<T> block, sparse_block, rows, packed;
        int64_t room = 0, sparse_room = 0;
        std::vector<Step<T>> settings;  // of the step in hand: for all layers, or where their rates differ, for each
        bool bad[2] = {false, false};  // of odd and even steps
    };
    struct Held {
        Buffer<T> memory;
        Panels<T> panels;
    };

    // Whether layer l + 1 does not see all of what layer l puts out.
    bool drops(int l) const { return l < n_ && job_.dropout && !net_.layers[size_t(l)].drops.empty(); }
    Activation activation(int l) const { return net_.layers[size_t(l - 1)].activation; }
    int64_t width(int l) const { return l == 0 ? net_.n_in() : net_.layers[size_t(l - 1)].n_out; }

    Held samples_of(int64_t units, bool wanted) const {
        Held held;
        if (!wanted) return held;
        const int64_t stride = ((units + PW<T>) / PW<T> * PW<T> + 1) * PW<T>;
        held.memory = Buffer<T>(panels_ * stride);
        held.panels = {held.memory.get(), stride};
        for (int64_t p = 0; p < panels_; ++p)
            for (int s = 0; s < PW<T>; ++s) held.panels.at(p, units)[s] = T(1);  // the bias's input
        return held;
    }
    Held units_of(int64_t units, bool wanted) const {
        Held held;
        if (!wanted) return held;
        const int64_t stride = (panels_ * PW<T> + 1) * PW<T>;
        held.memory = Buffer<T>((units + PW<T> - 1) / PW<T> * stride);
        held.panels = {held.memory.get(), stride};
        return held;
    }

    bool decide_sparse() const {
        if (job_.sparse == 0 || scaling_.shifts || !sparsely_readable(job_.X) || (job_.dropout && !net_.layers[0].drops.empty())) return false;
        const T* W = static_cast<const T*>(job_.parameters);
        for (int64_t i = 0, end = (net_.n_in() + 1) * width(1); i < end; ++i)
            if (!(W[i] - W[i] == T(0))) return false;
        return job_.sparse == 1 || mostly_zeros(job_.X, net_.n_in(), job_.order, job_.rows);
    }

    // Where things are.
    T* weights(int l) const { return static_cast<T*>(job_.parameters) + offset_[size_t(l - 1)]; }
    // A vector's part for a layer: parameters, or what the optimiser keeps.
    T* part(void* vector, int l) const { return vector ? static_cast<T*>(vector) + offset_[size_t(l - 1)] : nullptr; }
    int parity(int64_t step) const { return plan_.parity(step); }
    Panels<T> output(int l, int64_t step) const { return outputs_[parity(step)][size_t(plan_.outputs(l))].panels; }
    Panels<T> mask(int l, int64_t step) const { return drops(l) ? masks_[parity(step)][size_t(plan_.outputs(l))].panels : Panels<T>{}; }
    // f′(z), of an activation that keeps it.
    T* bend(int l, int64_t step, int64_t panel, int64_t unit) const {
        return keeps_slopes(activation(l)) ? bends_[parity(step)][size_t(plan_.outputs(l))].panels.at(panel, unit) : nullptr;
    }
    // What layer l + 1 sees.
    Panels<T> passed(int l, int64_t step) const {
        return drops(l) ? dropped_[parity(step)][size_t(plan_.outputs(l))].panels : output(l, step);
    }
    Panels<T> slopes(int l, int64_t step) const { return slopes_[parity(step)][size_t(plan_.slopes(l))].panels; }
    Panels<T> turned_slopes(int l, int64_t step) const { return turned_[parity(step)][size_t(plan_.slopes(l))].panels; }
    SparseBatch<T>& batch(int64_t step) const { return *batches_[parity(step)]; }

    // Which rows of the data a step sees.
    struct Place {
        int64_t epoch, batch;
    };
    int64_t epoch() const { return job_.epoch ? job_.epoch : job_.rows; }
    Place place(int64_t step) const {
        const int64_t k = step - job_.first_step, each = (epoch() + batch_ - 1) / batch_;
        return {k / each, k % each};
    }
    int64_t first(int64_t step) const { return place(step).epoch * epoch() + place(step).batch * batch_; }
    int64_t samples(int64_t step) const { return std::min(batch_, epoch() - place(step).batch * batch_); }
    const int64_t* rows(int64_t step) const { return job_.order + first(step); }

    Share panels_of(int64_t samples, const By& by, int t) const {
        const int64_t n = (samples + PW<T> - 1) / PW<T>;
        return by.kind == By::samples ? share(n, 1, t, threads_) : Share{0, n};
    }
    Share units_of(const By& by, int l, int t) const {
        return by.kind == By::units ? share(width(l), PW<T>, t, threads_) : Share{0, width(l)};
    }

    // Whether step k of this call left numbers that are not finite.
    bool bad(int64_t k) const {
        return k >= 0 && std::any_of(workers_.begin(), workers_.end(), [k](const Worker& worker) { return worker.bad[k % 2]; });
    }

    // Makes step k of this call, or returns false where the one before diverged. No number that lasts is changed before
    // the step's first barrier, behind which all threads decide alike.
    bool step(int64_t k, int t) {
        const int64_t step = job_.first_step + k;
        bool decided = threads_ == 1;
        if (decided && bad(k - 1)) return false;
        auto& settings = workers_[size_t(t)].settings;
        const double total = total_weight(step);
        settings.clear();
        for (int l = 0; l < (job_.layer_rates ? n_ : 1); ++l)
            settings.emplace_back(job_, step, job_.rates[k], job_.layer_rates ? job_.layer_rates[l] : 1.0, total);
        for (const Operation& op : plan_.operations) {
            if (op.barrier) {
                barrier_.wait();
                if (!decided) {
                    if (bad(k - 1)) return false;
                    decided = true;
                }
            }
            perform(op, plan_.after(op), k, step, t);
        }
        return true;
    }

    void perform(const Operation& op, const Operation& next, int64_t k, int64_t step, int t) {
        switch (op.action) {
            case Action::gather:
                if (k + 1 < job_.steps) gather(step + 1, t);
                return;
            case Action::forward: return forward(op, next, step, t);
            case Action::judge: return judge_share(step, t);
            case Action::penalty: return penalize(t);
            case Action::back: return back(op, step, t);
            case Action::weights: return learn(op, k, step, t);
            case Action::norms: return measure_gradient(t);
            case Action::updates: return update_all(k, t);
            case Action::hold: return t == 0 ? hold() : void();
            case Action::report: return t == 0 ? report(k, step) : void();
        }
    }

    void gather(int64_t step, int t) {
        const int64_t n = samples(step), n_in = width(0);
        const int64_t* row = rows(step);
        const Share panels = panels_of(n, By{By::samples, 0}, t);
        for (int64_t p = panels.begin; p < panels.end; ++p) {
            const int64_t s0 = p * PW<T>;
            const int count = int(std::min<int64_t>(PW<T>, n - s0));
            for (int64_t s = s0 + batch_; s < s0 + batch_ + count; ++s)
                if (first(step) + s < job_.rows) await_row(job_.X, row[s], n_in);
            if (sparse_) {
                for (int s = 0; s < count; ++s) batch(step).read(job_.X, row[s0 + s], s0 + s, scaling_);
                batch(step).sort_panel(s0, count);
            } else {
                read_panel<T>(job_.X, [&](int s) { return row[s0 + s]; }, count, n_in, scaling_, output(0, step).at(p, 0),
                              workers_[size_t(t)].rows.get());
            }
        }
        if (!sparse_) drop(0, step, Share{0, n_in}, panels);
    }

    // The mask of what layer l + 1 sees, and what it lets through.
    void drop(int l, int64_t step, Share units, Share panels) {
        if (!drops(l)) return;
        const Panels<T> to = passed(l, step), A = output(l, step), M = mask(l, step);
        const int64_t n = samples(step);
        for (int64_t p = panels.begin; p < panels.end; ++p) {
            bool begun = false;
            for (const Drop& d : net_.layers[size_t(l)].drops) {
                const Stream stream{job_.seed, uint32_t(step), 0, PURPOSE_DROPOUT + 256 * d.layer};
                for (int s = 0; s < PW<T>; ++s) {
                    if (p * PW<T> + s >= n) continue;
                    const uint64_t word = uint64_t(p * PW<T> + s) * uint64_t(width(l)) + uint64_t(units.begin);
                    stream.each(word, units.end - units.begin, [&](int64_t i, uint32_t drawn) {
                        T& factor = M.at(p, units.begin + i)[s];
                        factor = (begun ? factor : T(1)) * (drawn >= d.threshold ? T(d.factor) : T(0));
                    });
                }
                begun = true;
            }
            for (int64_t i = units.begin * PW<T>; i < units.end * PW<T>; i += VW<T>)
                store<T>(to.at(p, 0) + i, load<T>(A.at(p, 0) + i) * load<T>(M.at(p, 0) + i));
        }
    }

    void forward(const Operation& op, const Operation& next, int64_t step, int t) {
        const int l = op.layer;
        const Layer& layer = net_.layers[size_t(l - 1)];
        const Share units = units_of(op.by, l, t), panels = panels_of(samples(step), op.by, t);
        if (units.begin == units.end) return;
        const Panels<T> Z = output(l, step);
        if (l == 1 && sparse_) {
            sparse_forward<T>(weights(1), layer.n_in, layer.n_out, batch(step), samples(step), Z, units, panels);
        } else {
            Ahead ahead;
            if (next.action == Action::forward) {  // its weights
                const Share own = units_of(next.by, l + 1, t);
                const int64_t size = int64_t(sizeof(T));
                ahead.add(weights(l + 1) + own.begin, layer.n_out + 1, (own.end - own.begin) * size, width(l + 1) * size);
            }
            forward_product<T>(weights(l), layer.n_in, layer.n_out, passed(l - 1, step), Z, units, panels,
                               workers_[size_t(t)].packed.get(), ahead);
        }
        if (job_.seen) tell(seen(l).Z, Z, units, panels, width(l), samples(step));
        for (int64_t p = panels.begin; p < panels.end; ++p)
            activate<T>(layer.activation, Z.at(p, units.begin), (units.end - units.begin) * PW<T>, bend(l, step, p, units.begin));
        drop(l, step, units, panels);
        if (job_.recompute && units.end == width(l))  // layers of several widths share a buffer
            for (int64_t p = panels.begin; p < panels.end; ++p)
                for (int s = 0; s < PW<T>; ++s) passed(l, step).at(p, width(l))[s] = T(1);
    }

    void judge_share(int64_t step, int t) {
        const int64_t n = samples(step);
        const Share panels = panels_of(n, By{By::samples, 0}, t);
        const Panels<T> A = output(n_, step), D = slopes(n_, step);
        for (int64_t p = panels.begin; p < panels.end; ++p) {
            Judged<T> judged{rows(step) + p * PW<T>,
                             int(std::min<int64_t>(PW<T>, n - p * PW<T>)),
                             width(n_),
                             job_.T,
                             net_.loss_factor,
                             static_cast<const T*>(job_.weights),
                             net_.loss_settings,
                             &losses_[parity(step)][p * PW<T>],
                             0};
            judge<T>(net_.loss, A.at(p, 0), D.at(p, 0), judged);
            hits_[parity(step)][p] = judged.hits;
            if (job_.seen) tell(seen(n_).dA, D, Share{0, width(n_)}, Share{p, p + 1}, width(n_), n);
            backwards<T>(activation(n_), A.at(p, 0), bend(n_, step, p, 0), D.at(p, 0), width(n_) * PW<T>);
        }
        turned<T>(D, turned_slopes(n_, step), Share{0, width(n_)}, panels);
    }

    // The sum over a row, eight sums side by side whatever the vector.
    template <class F> static double row_sum(const T* row, int64_t n, F add) {
        double sums[8] = {};
        for (int64_t j = 0; j < n; ++j) sums[j % 8] = add(double(row[j]), sums[j % 8]);
        return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    }
    static double squares_of(const T* row, int64_t n) {
        return row_sum(row, n, [](double x, double sum) { return fma(x, x, sum); });
    }

    // Σ w² and Σ |w| of each row of weights.
    void penalize(int t) {
        for (int l = 1; l <= n_; ++l) {
            const Share share_of = share(width(l - 1), 1, t, threads_);
            for (int64_t i = share_of.begin; i < share_of.end; ++i) {
                const T* w = weights(l) + i * width(l);
                const int64_t at = row_offset_[size_t(l - 1)] + i;
                if (squares_.get()) squares_[at] = squares_of(w, width(l));
                if (job_.l1 != 0) sizes_[at] = row_sum(w, width(l), [](double x, double sum) { return sum + (x < 0 ? -x : x); });
            }
        }
    }

    // Where a layer's norms begin: a row for each input and one for the bias.
    double* norms(int l) { return norms_.get() + row_offset_[size_t(l - 1)] + l - 1; }

    // Σ g² of each row of the gradient.
    void measure_gradient(int t) {
        for (int l = 1; l <= n_; ++l) {
            const Share rows = share(width(l - 1) + 1, 1, t, threads_);
            for (int64_t i = rows.begin; i < rows.end && !job_.frozen(l); ++i)
                norms(l)[i] = squares_of(part(gradient_.get(), l) + i * width(l), width(l));
        }
    }

    // What the optimiser makes of a gradient whose norm is bounded.
    void update_all(int64_t k, int t) {
        double squares = 0;
        for (int l = 1; l <= n_; ++l)
            for (int64_t i = 0; i <= width(l - 1) && !job_.frozen(l); ++i) squares += norms(l)[i];
        const double norm = __builtin_sqrt(squares);
        const T factor = T(norm <= job_.clip_norm ? 1.0 : job_.clip_norm / norm);
        V<T> seen{};
        for (int l = 1; l <= n_; ++l) {
            const Share rows = share(width(l - 1) + 1, 1, t, threads_);
            if (job_.frozen(l)) continue;
            const Block<T> block{part(gradient_.get(), l) + rows.begin * width(l), width(l), rows.begin, rows.end - rows.begin, 0, width(l),
                                 width(l - 1), width(l), weights(l), part(job_.slots[0], l), part(job_.slots[1], l)};
            update<T>(job_.rule, settings(t, l).scaled(factor), block, seen);
        }
        workers_[size_t(t)].bad[k % 2] |= !finite<T>(seen);
    }

    const Step<T>& settings(int t, int l) const { return workers_[size_t(t)].settings[job_.layer_rates ? size_t(l - 1) : 0]; }

    void back(const Operation& op, int64_t step, int t) {
        const int l = op.layer;
        const Share units = units_of(op.by, l - 1, t), panels = panels_of(samples(step), op.by, t);
        if (units.begin == units.end) return;
        const Panels<T> D = slopes(l - 1, step), A = output(l - 1, step), M = mask(l - 1, step);
        backward_product<T>(weights(l), width(l), slopes(l, step), D, units, panels, workers_[size_t(t)].packed.get());
        const int64_t n = (units.end - units.begin) * PW<T>;
        for (int64_t p = panels.begin; p < panels.end; ++p) {
            T* d = D.at(p, units.begin);
            if (M.p)
                for (int64_t i = 0; i < n; i += VW<T>) store<T>(d + i, load<T>(d + i) * load<T>(M.at(p, units.begin) + i));
            if (job_.seen) tell(seen(l - 1).dA, D, units, Share{p, p + 1}, width(l - 1), samples(step));
            backwards<T>(activation(l - 1), A.at(p, units.begin), bend(l - 1, step, p, units.begin), d, n);
        }
        turned<T>(D, turned_slopes(l - 1, step), units, panels);
    }

    // What is looked at: copied out row by row where it stands, before the next operation changes it in place.
    const LayerSeen& seen(int l) const { return (*job_.seen)[size_t(l - 1)]; }
    void tell(void* to, Panels<T> from, Share units, Share panels, int64_t width, int64_t n) const {
        for (int64_t s = panels.begin * PW<T>; s < std::min(panels.end * PW<T>, n); ++s)
            for (int64_t j = units.begin; j < units.end; ++j) static_cast<T*>(to)[s * width + j] = from.at(s / PW<T>, j)[s % PW<T>];
    }
    // What nothing has changed since: each layer's input, outputs and δ, and f′(z), which is what backwards makes of a 1.
    void tell_rest(int64_t step) const {
        const int64_t n = samples(step);
        for (int l = 1; l <= n_; ++l) {
            const Share units{0, width(l)}, panels = panels_of(n, By{By::units, 0}, 0);
            tell(seen(l).X, passed(l - 1, step), Share{0, width(l - 1)}, panels, width(l - 1), n);
            tell(seen(l).A, output(l, step), units, panels, width(l), n);
            tell(seen(l).delta, slopes(l, step), units, panels, width(l), n);
            const Held ones = samples_of(width(l), true);
            for (int64_t p = panels.begin; p < panels.end; ++p) {
                for (int64_t i = 0; i < width(l) * PW<T>; ++i) ones.panels.at(p, 0)[i] = T(1);
                backwards<T>(activation(l), output(l, step).at(p, 0), bend(l, step, p, 0), ones.panels.at(p, 0), width(l) * PW<T>);
            }
            tell(seen(l).slope, ones.panels, units, panels, width(l), n);
        }
    }

    double total_weight(int64_t step) const {
        const int64_t n = samples(step);
        if (!job_.weights) return double(n);
        const T* weights = static_cast<const T*>(job_.weights);
        const int64_t* row = rows(step);
        const double total = tree_sum(n, [&](int64_t s) { return double(weights[row[s]]); });
        return total != 0 ? total : 1;
    }

    // The gradient by a layer's weights, block by block, and what the optimiser makes of it.
    void learn(const Operation& op, int64_t k, int64_t step, int t) {
        const int l = op.layer;
        const int64_t n_in = width(l - 1), n_out = width(l), n = samples(step);
        Worker& worker = workers_[size_t(t)];
        const Panels<T> dZ = turned_slopes(l, step);
        // A gradient that is only taken, into the buffer that asks for it.
        void* const taken = job_.clip_norm != 0 ? gradient_.get() : job_.rule == Rule::gradient ? job_.gradient : nullptr;
        const Rule rule = taken ? Rule::gradient : job_.rule;
        void* const kept = taken ? taken : job_.slots[0];
        const Step<T>& settings = this->settings(t, l);
        Block<T> block{nullptr, 0, 0, 0, 0, 0, n_in, n_out, part(job_.parameters, l), part(kept, l), part(job_.slots[1], l)};
        V<T> seen{};
        const Share columns = units_of(op.by, l, t);
        const Share inputs = op.by.kind == By::rows ? share(n_in + 1, 1, t, threads_) : Share{0, n_in + 1};
        if (l == 1 && sparse_) {
            for (int64_t j = columns.begin; j < columns.end;) {
                const int64_t np = columns.end - j > PW<T> ? 2 : 1, size = np * PW<T>, rows = inputs.end - inputs.begin;
                T* G = worker.sparse_block.get();
                const int part = op.by.kind == By::rows ? t : -1;
                if (np == 2) sparse_weight_product<T, 2>(batch(step), inputs, part, n_in, dZ, n, j / PW<T>, G, worker.sparse_room);
                else sparse_weight_product<T, 1>(batch(step), inputs, part, n_in, dZ, n, j / PW<T>, G, worker.sparse_room);
                block.sums = G, block.width = size, block.i = inputs.begin, block.rows = rows;
                block.j = j, block.columns = std::min(size, columns.end - j);
                update<T>(rule, settings, block, seen);
                std::memset(static_cast<void*>(G), 0, size_t(rows * size) * sizeof(T));
                j += size;
            }
        } else {
            // A band: MAX_ROWS rows, or what is left of them.
            const auto band = [&](Share rows, Share columns, Share next) {
                const int64_t width = columns.end - columns.begin, size = int64_t(sizeof(T));
                Ahead ahead;
                if (threads_ == 1 && n_in * n_out >= 1 << 15)  // two threads at once were slower for it by a sixth
                    for (const T* p : {block.w, block.m, block.v})
                        if (p) ahead.add(p + next.begin * n_out + columns.begin, next.end - next.begin, width * size, n_out * size);
                ahead.in(chances<T>(1, (width + PW<T> - 1) / PW<T>, n));
                block.i = rows.begin, block.rows = rows.end - rows.begin, block.sums = worker.block.get();
                for (block.j = columns.begin; block.j < columns.end; block.j += block.width) {
                    const int64_t np = std::min<int64_t>(MAX_PANELS, (columns.end - block.j + PW<T> - 1) / PW<T>);
                    block.width = np * PW<T>, block.columns = std::min(block.width, columns.end - block.j);
                    weight_product<T>(passed(l - 1, step), dZ, n, block.i, block.rows, block.j / PW<T>, np, worker.block.get(),
                                      worker.room, ahead);
                    update<T>(rule, settings, block, seen);
                }
            };
            const auto band_of = [&](int64_t i) {
                return Share{inputs.begin + i * MAX_ROWS, std::min(inputs.end, inputs.begin + (i + 1) * MAX_ROWS)};
            };
            const int64_t bands = (inputs.end - inputs.begin + MAX_ROWS - 1) / MAX_ROWS;
            if (op.by.kind == By::whoever) {
                constexpr int64_t WIDE = 512;
                const int64_t all = bands * ((n_out + WIDE - 1) / WIDE);
                for (int64_t i; (i = taken_[size_t(l)].fetch_add(1, std::memory_order_relaxed) - k * (all + threads_)) < all;) {
                    const int64_t j = i / bands * WIDE;
                    band(band_of(i % bands), Share{j, std::min(n_out, j + WIDE)}, {});
                }
            } else {
                for (int64_t i = 0; i < bands; ++i) band(band_of(i), columns, band_of(i + 1));
            }
        }
        worker.bad[k % 2] |= !finite<T>(seen);
    }

    // Puts back what no step is to change.
    void hold() {
        for (int64_t i = 0; i < job_.n_held; ++i) static_cast<T*>(job_.parameters)[job_.held[i]] = held_[size_t(i)];
    }

    double sum_of(const Buffer<double>& rows) const {
        double sum = 0;
        for (int64_t i = 0; i < row_offset_.back() + width(n_ - 1); ++i) sum += rows[i];
        return sum;
    }

    void report(int64_t k, int64_t step) {
        const int64_t n = samples(step);
        const Buffer<double>& losses = losses_[parity(step)];
        double loss = tree_sum(n, [&](int64_t s) { return losses[s]; }) / total_weight(step);
        if (squares_.get()) loss += 0.5 * job_.l2_of(total_weight(step)) * sum_of(squares_);
        if (job_.l1 != 0) loss += job_.l1 * sum_of(sizes_);
        int64_t hits = 0;
        for (int64_t p = 0; p * PW<T> < n; ++p) hits += hits_[parity(step)][p];
        job_.losses[k] = loss;
        job_.hits[k] = hits;
        if (!(loss - loss == 0)) workers_[0].bad[k % 2] = true;
    }

    const Net& net_;
    const Training& job_;
    const int threads_, n_;
    const int64_t batch_, panels_;
    const Scaling<T> scaling_;
    const bool sparse_;
    const Plan plan_;
    Barrier barrier_;
    int depth_ = 1;
    std::vector<int64_t> offset_, row_offset_;
    std::vector<Held> outputs_[2], bends_[2], masks_[2], dropped_[2], slopes_[2], turned_[2];
    std::unique_ptr<SparseBatch<T>> batches_[2];
    Buffer<double> losses_[2], squares_, sizes_, norms_;  // squares, sizes and norms of rows of weights, or of the gradient
    Buffer<T> gradient_;  // where its norm is bounded
    Buffer<int64_t> hits_[2];
    std::vector<T> held_;
    std::vector<Worker> workers_;
    std::vector<std::atomic<int64_t>> taken_;  // bands of a layer's weights, since the call began; each thread asks once too often
};

}  // namespace
}  // namespace pellucid
