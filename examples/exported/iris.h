/*
 * iris: a network of 4 inputs, 3 outputs and 67 parameters, by Pellucid 0.1.0.
 *
 *     layer_1  8 neurons, tanh
 *     output   3 neurons, softmax
 *
 * Inputs: sepal length, sepal width, petal length, petal width
 * Classes: setosa, versicolor, virginica
 * Inputs are given as they were in the data; they are scaled inside.
 * Every operation is rounded to a float of 32 bits, in the order in which it is written: so the outputs
 * have the same bits as Pellucid's, in every language and on every machine. The self-test proves it.
 *
 *     #include "iris.h"
 *
 *     float x[IRIS_INPUTS] = { ... };
 *     float y[IRIS_OUTPUTS];
 *     float scratch[IRIS_SCRATCH];
 *     const char *chosen = iris_names[iris_predict(x, y, scratch)];
 *
 * C99, and C++. No library, no memory but the caller's scratch, no state: it may run in several threads at once.
 * With IRIS_SELF_TEST defined there is also iris_self_test(scratch), which is 0 where every bit is right.
 */
#ifndef IRIS_H
#define IRIS_H

#include <float.h>
#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__) || defined(_M_FP_FAST) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "iris: compile without -ffast-math and what belongs to it, which changes the results"
#endif
#if defined(__clang__) && (defined(__x86_64__) || defined(__i386__) || defined(__aarch64__))
#pragma float_control(precise, on, push) /* parts of -ffast-math, of which clang says nothing */
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16 /* 16: as 0, but for half floats */
#error "iris: floats must be rounded to 32 bits after each operation; for 32-bit x86 add -msse2 -mfpmath=sse"
#endif

#define IRIS_INPUTS 4
#define IRIS_OUTPUTS 3
#define IRIS_SCRATCH 11 /* numbers of 4 bytes */
#define IRIS_RAM_BYTES 44 /* of scratch; there are no variables, but a stack */
#define IRIS_FLASH_BYTES 385 /* of the tables below; the code comes on top */

#if defined(__cplusplus)
#define IRIS_RESTRICT __restrict
#else
#define IRIS_RESTRICT restrict
#endif
#if defined(__GNUC__)
#define IRIS_MAY_BE_UNUSED __attribute__((unused))
#else
#define IRIS_MAY_BE_UNUSED
#endif

/* What the classes are called. */
static const char iris_names[3][11] = {
    "setosa",
    "versicolor",
    "virginica",
};

/* What the inputs are called. */
static const char iris_features[4][13] = {
    "sepal length",
    "sepal width",
    "petal length",
    "petal width",
};

/* Row i of a layer's weights holds what its input i weighs for each of its neurons. */

static const float iris_input_shift[4] = {
    5.84f, /* sepal length */
    3.06f, /* sepal width */
    3.76f, /* petal length */
    1.2f, /* petal width */
};

static const float iris_input_scale[4] = {
    1.21f, /* sepal length */
    2.3f, /* sepal width */
    0.57f, /* petal length */
    1.32f, /* petal width */
};

static const float iris_layer_1_weights[4][8] = {
    {-0.7781989f, -0.21256967f, 0.2869904f, -0.4737168f, 0.19039018f, -0.8981731f, 0.38797408f, 0.21987218f}, /* sepal length */
    {0.7678859f, 0.47035623f, 0.007955133f, 0.043196898f, 0.21366708f, 0.67805153f, -0.46783936f, -0.9171041f}, /* sepal width */
    {-0.94845176f, -0.57101f, -1.1603411f, -0.5240002f, -1.149375f, -0.22338767f, 0.9934779f, 0.27456033f}, /* petal length */
    {-0.5581967f, -1.1706412f, -0.9925277f, -0.16445658f, -1.2328606f, -0.14256889f, 1.0013025f, 0.8088989f}, /* petal width */
};

static const float iris_layer_1_biases[8] = {
    -0.9017519f, /* layer_1/node_1 */
    1.1605792f, /* layer_1/node_2 */
    1.0716788f, /* layer_1/node_3 */
    -0.5612326f, /* layer_1/node_4 */
    1.4292504f, /* layer_1/node_5 */
    -0.30851248f, /* layer_1/node_6 */
    0.8867361f, /* layer_1/node_7 */
    -0.29417577f, /* layer_1/node_8 */
};

static const float iris_output_weights[8][3] = {
    {0.9604936f, -0.89294916f, -0.6502458f}, /* layer_1/node_1 */
    {0.8568522f, 0.558133f, -1.4573694f}, /* layer_1/node_2 */
    {0.08519351f, 1.6600047f, -1.8387457f}, /* layer_1/node_3 */
    {0.26099125f, -0.5501775f, -0.14135022f}, /* layer_1/node_4 */
    {1.5646776f, 2.0242763f, -1.0237024f}, /* layer_1/node_5 */
    {1.4582131f, -0.7258055f, -0.9429489f}, /* layer_1/node_6 */
    {-1.5525126f, 0.9550288f, 0.009901759f}, /* layer_1/node_7 */
    {-1.4877282f, -0.29483014f, 0.36733994f}, /* layer_1/node_8 */
};

static const float iris_output_biases[3] = {
    0.09945501f, /* output/node_1 */
    0.1536442f, /* output/node_2 */
    -0.16605693f, /* output/node_3 */
};

/* a*b + c, rounded once: an instruction where there is one, else by 64 bits, which hold the product exactly. */
static inline float iris_fused(float a, float b, float c) {
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, c);
#else
    const double product = (double)a * (double)b, addend = (double)c;
    double sum = product + addend;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    if ((bits & 0x0FFFFFFF) == 0) { /* perhaps half-way between two floats: what the sum lost decides */
        const double other = sum - product, lost = (product - (sum - other)) + (addend - other);
        const double least = (sum < 0 ? -sum : sum) * DBL_EPSILON;
        if (lost > 0) sum += least;
        if (lost < 0) sum -= least;
    }
    return (float)sum;
#endif
}

/* A float as the whole number of its bits, and back. */
static inline int32_t iris_bits(float a) {
    int32_t k;
    memcpy(&k, &a, sizeof k);
    return k;
}

static inline float iris_from_bits(int32_t k) {
    float a;
    memcpy(&a, &k, sizeof a);
    return a;
}

/* |z|, and +0 of −0. */
static inline float iris_magnitude(float z) {
    return z < 0.0f ? -z : z + 0.0f;
}

/* 2ᵏ for −127 < k ≤ 127. */
static inline float iris_power_of_two(int32_t k) {
    return iris_from_bits((k + 127) << 23);
}

/* eʳ − 1 for |r| ≤ ½·ln 2: r + r²·(1/2! + r/3! + …). */
static inline float iris_exp_series(float r) {
    float total = iris_fused(0.0001984127f, r, 0.0013888889f);
    total = iris_fused(total, r, 0.008333334f);
    total = iris_fused(total, r, 0.041666668f);
    total = iris_fused(total, r, 0.16666667f);
    total = iris_fused(total, r, 0.5f);
    return iris_fused(r * r, total, r);
}

/* eˣ, within 2 units in the last place: x = k·ln 2 + r, and eˣ = 2ᵏ·eʳ. */
static inline float iris_exp(float x) {
    if (x != x) {
        return x;
    }
    const float below = x > 89.0f ? 89.0f : x;
    const float held = below < -104.0f ? -104.0f : below;
    const float shifted = iris_fused(held, 1.442695f, 1.2582912e+07f);
    const float whole = shifted - 1.2582912e+07f;
    const int32_t k = iris_bits(shifted) - 1262485504;
    const float r = iris_fused(whole, -1.4286068e-06f, iris_fused(whole, -0.69314575f, held));
    const int32_t half = k >> 1;
    return (iris_exp_series(r) + 1.0f) * iris_power_of_two(half) * iris_power_of_two(k - half);
}

/* eˣ − 1 for |x| ≤ 40, within 2 units in the last place. */
static inline float iris_expm1(float x) {
    if (x != x) {
        return x;
    }
    const float shifted = iris_fused(x, 1.442695f, 1.2582912e+07f);
    const float whole = shifted - 1.2582912e+07f;
    const int32_t k = iris_bits(shifted) - 1262485504;
    const float r = iris_fused(whole, -1.4286068e-06f, iris_fused(whole, -0.69314575f, x));
    const float power = iris_power_of_two(k);
    return iris_fused(power, iris_exp_series(r), power - 1.0f);
}

/* The hyperbolic tangent: e / (e + 2) with e = e²ᶻ − 1. */
static inline float iris_tanh(float z) {
    const float twice = iris_magnitude(z) * 2.0f;
    const float held = twice > 40.0f ? 40.0f : twice;
    const float e = iris_expm1(held);
    const float t = e / (e + 2.0f);
    return z < 0.0f ? -t : t;
}

/* x: inputs as they are given; y: the probability of each class; scratch: numbers in any state. Returns the place of the class that is chosen. */
static inline int iris_predict(
    const float *IRIS_RESTRICT x, float *IRIS_RESTRICT y, float *IRIS_RESTRICT scratch) {
    float *const layer_1 = scratch;
    float *const output = scratch + 8;

    /* layer_1: 8 neurons of 4 inputs, tanh */
    for (int32_t j = 0; j < 8; ++j) {
        layer_1[j] = 0.0f;
    }
    for (int32_t i = 0; i < 4; ++i) {
        const float value = (x[i] - iris_input_shift[i]) * iris_input_scale[i];
        for (int32_t j = 0; j < 8; ++j) {
            layer_1[j] = iris_fused(value, iris_layer_1_weights[i][j], layer_1[j]);
        }
    }
    for (int32_t j = 0; j < 8; ++j) {
        layer_1[j] = iris_tanh(layer_1[j] + iris_layer_1_biases[j] + 0.0f);
    }

    /* output: 3 neurons of 8 inputs, softmax */
    for (int32_t j = 0; j < 3; ++j) {
        output[j] = 0.0f;
    }
    for (int32_t i = 0; i < 8; ++i) {
        for (int32_t j = 0; j < 3; ++j) {
            output[j] = iris_fused(layer_1[i], iris_output_weights[i][j], output[j]);
        }
    }
    for (int32_t j = 0; j < 3; ++j) {
        output[j] = output[j] + iris_output_biases[j] + 0.0f;
    }

    /* The likeliest class is that of the largest sum. */
    int32_t best = 0;
    for (int32_t j = 0; j < 3; ++j) {
        if (output[j] > output[best]) {
            best = j;
        }
    }

    /* Of each sum e to its power, the largest first taken off; then its share of them all. */
    const float largest = output[best];
    float total = 0.0f;
    for (int32_t j = 0; j < 3; ++j) {
        const float below = output[j] == largest ? 0.0f : output[j] - largest;
        y[j] = iris_exp(below);
        total = total + y[j];
    }
    for (int32_t j = 0; j < 3; ++j) {
        y[j] = y[j] / total;
    }
    return best;
}

#if defined(IRIS_SELF_TEST)

static const float iris_example_inputs[3][4] = {
    {5.1f, 3.5f, 1.4f, 0.2f},
    {6.4f, 2.9f, 4.3f, 1.3f},
    {5.9f, 3.0f, 5.1f, 1.8f},
};

static const float iris_example_outputs[3][3] = {
    {0.9981578f, 0.0018417431f, 4.6523363e-07f},
    {0.00023048666f, 0.9987029f, 0.0010665603f},
    {0.00017850773f, 0.085856594f, 0.91396487f},
};

static const int32_t iris_example_places[3] = {
    0, 1, 2
};

/* 0 where every example gives the outputs of Pellucid's own engine to the last bit, else which does not, from 1 on. */
IRIS_MAY_BE_UNUSED static int iris_self_test(float *scratch) {
    for (int n = 0; n < 3; ++n) {
        float y[IRIS_OUTPUTS];
        if (iris_predict(iris_example_inputs[n], y, scratch) != iris_example_places[n]) return n + 1;
        if (memcmp(y, iris_example_outputs[n], sizeof y) != 0) return n + 1;
    }
    return 0;
}

#endif /* IRIS_SELF_TEST */

#if defined(__clang__) && (defined(__x86_64__) || defined(__i386__) || defined(__aarch64__))
#pragma float_control(pop)
#endif
#endif /* IRIS_H */
