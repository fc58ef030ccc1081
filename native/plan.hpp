// The plan of a step: which operations follow one another, what each thread's share of each is, and where they wait.
//
// A share is a part of an operation's output: of the samples, of a layer's units or of a layer's weights. Where an
// operation reads what another thread may have written since the last barrier, or writes what another may still be
// reading, a barrier stands before it: `place_barriers` finds them by playing a few steps through.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "engine.hpp"

namespace pellucid {
namespace {

// weights: a layer's gradient, and what the optimiser makes of it; where its norm is bounded, the gradient alone, then norms, then updates.
enum class Action { forward, judge, penalty, back, gather, weights, norms, updates, hold, report };

// Who has which part of an output; shares of the same kind and layer are the same everywhere.
struct By {
    enum Kind { samples, units, rows, one, whoever } kind;  // whoever has time takes the next band of rows
    int layer;  // of units, or of weights
    auto operator<=>(const By&) const = default;
};

struct Operation {
    Action action;
    int layer;  // 1 … n; 0: the input
    By by;
    bool barrier = false;
};

// What is read and written, for the barriers' sake.
struct Access {
    int buffer;
    bool own;  // the thread's own share only
};

class Plan {
  public:
    std::vector<Operation> operations;
    bool doubled;   // whether buffers of activations exist twice, for odd and even steps, which saves a barrier
    bool together;  // whether all ways back come before all updates; else D and T serve two layers in turn

    bool passing;   // whether weights and moments pass through the caches, which then belong to no thread

    Plan(const Net& net, const Training& job, int64_t panel, bool sparse, int threads)
        : net_(net), sparse_(sparse), clips_(job.clip_norm != 0) {
        const int64_t batch = job.batch;
        const bool recompute = job.recompute;
        const int64_t bytes = net.f64 ? 8 : 4;
        const int n = int(net.layers.size());
        int lowest = 1;  // of the layers that learn; below it no way back is needed
        while (lowest < n && job.frozen(lowest)) ++lowest;
        int64_t activations = 0;
        for (const Layer& layer : net.layers) activations += (layer.n_in + 3 * layer.n_out) * batch * bytes;
        while (recompute && segment_ * segment_ < n) ++segment_;
        doubled = threads > 1 && activations < 1 << 20 && !recompute;
        together = (activations < 4 << 20 && !recompute) || job.seen;
        passing = threads > 1 && 3 * net.n_parameters() * bytes > 32 << 20;
        const auto weight_bytes = [&](const Layer& layer) { return layer.n_in * layer.n_out * bytes; };
        const auto shares = [&](int64_t units) { return units >= panel * threads; };
        // The largest share of n that comes in panels.
        const auto largest = [&](int64_t n) {
            const int64_t panels = (n + panel - 1) / panel;
            return double(std::min(n, (panels + threads - 1) / threads * panel)) / double(n);
        };
        // Whether samples, of which each thread then reads all weights, are the fairer shares, and the weights few.
        const auto fairer_by_samples = [&](const Layer& layer, int64_t units) {
            return weight_bytes(layer) <= 1 << 20 && largest(batch) < largest(units);
        };
        const auto add_forward = [&](int l) {
            const Layer& layer = at(l);
            bool by_units = shares(layer.n_out) && (weight_bytes(layer) >= 16 << 10 || batch < panel * threads) &&
                            !fairer_by_samples(layer, layer.n_out);
            if (l == 1 && sparse) by_units = update_by(l, panel, threads).kind == By::units;
            add(Action::forward, l, by_units ? By{By::units, l} : By{By::samples, 0});
        };
        for (int l = 1; l <= n; ++l) add_forward(l);
        add(Action::judge, n, By{By::samples, 0});
        if (job.l1 != 0 || job.l2 != 0 || job.alpha != 0) add(Action::penalty, 0, By{By::rows, 0});
        const auto add_weights = [&](int l) {
            if (!job.frozen(l)) add(Action::weights, l, update_by(l, panel, threads));
        };
        for (int l = n; l >= lowest; --l) {
            const Layer& layer = at(l);
            if (recompute && l % segment_ == 0 && l < n)
                for (int again = l - segment_ + 1; again < l; ++again) add_forward(again);
            if (l > lowest) {
                const bool by_units = shares(layer.n_in) && (weight_bytes(layer) >= 64 << 10 || batch < panel * threads) &&
                                      !fairer_by_samples(layer, layer.n_in);
                add(Action::back, l, by_units ? By{By::units, l - 1} : By{By::samples, 0});
            }
            if (!together) add_weights(l);
        }
        if (doubled) add(Action::gather, 0, By{By::samples, 0});  // of the next step, into the other buffer
        if (together)
            for (int l = n; l >= lowest; --l) add_weights(l);
        if (clips_) add(Action::norms, 0, By{By::rows, 0}), add(Action::updates, 0, By{By::rows, 0});
        if (job.n_held > 0) add(Action::hold, 0, By{By::one, 0});
        add(Action::report, 0, By{By::one, 0});
        if (!doubled) add(Action::gather, 0, By{By::samples, 0});
        if (threads > 1) place_barriers();
    }

    const Operation& after(const Operation& op) const { return &op == &operations.back() ? operations.front() : *(&op + 1); }
    // The buffers of slopes: one for each layer, or two in turn.
    int slopes(int l) const { return together ? l : l % 2; }
    // The buffers of outputs: one for each layer, or for each that is kept, and those between two of them in turn.
    int outputs(int l) const { return segment_ == 0 || l == int(net_.layers.size()) ? l : l % segment_ == 0 ? l : l % segment_; }
    int parity(int64_t step) const { return doubled ? int(step % 2) : 0; }

  private:
    const Layer& at(int l) const { return net_.layers[size_t(l - 1)]; }
    void add(Action action, int layer, By by) { operations.push_back({action, layer, by}); }

    // Columns are a thread's own where they are whole cache lines; else rows are. A sparse batch is run through by every
    // thread that has columns, so they should be worth it: two panels each. (Lines come in pairs, too: where one panel
    // lies beside another thread's, its processor fetches both.)
    By update_by(int l, int64_t panel, int threads) const {
        if (passing && !(l == 1 && sparse_)) return {By::whoever, l};
        const int64_t least = l == 1 && sparse_ ? 2 * panel * threads : panel * threads;
        return at(l).n_out >= least && at(l).n_out % panel == 0 ? By{By::units, l} : By{By::rows, l};
    }

    void accesses(const Operation& op, int64_t step, std::vector<Access>& reads, std::vector<Access>& writes) const {
        const int n = int(net_.layers.size()), l = op.layer;
        const bool by_samples = op.by.kind == By::samples, by_units = op.by.kind == By::units;
        // Numbers for: the activations, slopes and turned slopes of a layer, its weights, losses, penalties.
        const auto A = [&](int layer, int64_t k) { return 10 * outputs(layer) + parity(k); };
        const auto D = [&](int layer) { return 10 * slopes(layer) + 2 + parity(step); };
        const auto W = [&](int layer) { return 10 * layer + 6; };
        const auto G = [&](int layer) { return 10 * layer + 5; };  // the gradient, where it is kept
        const auto each = [&](auto of, bool own) {
            std::vector<Access> all;
            for (int i = 1; i <= n; ++i) all.push_back({of(i), own});
            return all;
        };
        const int losses = 7 + 10 * parity(step), penalties = 8 + 10 * parity(step), norms = 9;
        switch (op.action) {
            case Action::gather: writes = {{A(0, step + 1), true}}; break;
            case Action::forward:
                reads = {{A(l - 1, step), by_samples}, {W(l), by_units}};
                writes = {{A(l, step), true}};
                break;
            case Action::judge:
                reads = {{A(n, step), true}};
                writes = {{D(n), true}, {losses, true}};
                break;
            case Action::penalty:
                reads = each(W, false);
                writes = {{penalties, true}};
                break;
            case Action::back:
                reads = {{D(l), by_samples}, {W(l), false}, {A(l - 1, step), true}};
                writes = {{D(l - 1), true}};
                break;
            case Action::weights:
                reads = {{A(l - 1, step), false}, {D(l), by_units}};
                writes = {{clips_ ? G(l) : W(l), true}};
                break;
            case Action::norms:
                reads = each(G, false);
                writes = {{norms, true}};
                break;
            case Action::updates:
                reads = each(G, false);
                reads.push_back({norms, false});
                writes = each(W, true);
                break;
            case Action::hold: writes = each(W, true); break;
            case Action::report: reads = {{losses, false}, {penalties, false}}; break;
        }
    }

    void place_barriers() {
        std::map<int, std::set<By>> written, read;  // since the last barrier
        const By everything{By::one, -1};
        const auto clash = [](const std::map<int, std::set<By>>& since, int buffer, By by, bool own) {
            const auto found = since.find(buffer);
            if (found == since.end()) return false;
            return !own || found->second.size() > 1 || *found->second.begin() != by;
        };
        for (int64_t step = 0; step < 4; ++step)
            for (Operation& op : operations) {
                std::vector<Access> reads, writes;
                accesses(op, step, reads, writes);
                bool needed = op.barrier;
                for (const Access& a : reads) needed |= clash(written, a.buffer, op.by, a.own);
                for (const Access& a : writes) needed |= clash(written, a.buffer, op.by, true) || clash(read, a.buffer, op.by, true);
                if (needed) op.barrier = true, written.clear(), read.clear();
                for (const Access& a : reads) read[a.buffer].insert(a.own ? op.by : everything);
                for (const Access& a : writes) written[a.buffer].insert(op.by);
            }
    }

    const Net& net_;
    const bool sparse_, clips_;
    int segment_ = 0;  // every so many layers an output is kept; 0: all are
};

}  // namespace
}  // namespace pellucid
