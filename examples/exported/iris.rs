// iris: a network of 4 inputs, 3 outputs and 67 parameters, by Pellucid 0.1.0.
//
//     layer_1  8 neurons, tanh
//     output   3 neurons, softmax
//
// Inputs: sepal length, sepal width, petal length, petal width
// Classes: setosa, versicolor, virginica
// Inputs are given as they were in the data; they are scaled inside.
// Every operation is rounded to a float of 32 bits, in the order in which it is written: so the outputs
// have the same bits as Pellucid's, in every language and on every machine. The self-test proves it.
//
//     let chosen = iris::classify(&x);
//     let y = iris::predict(&x); // the probability of each class
//
// Rust 2018 or newer, and core alone: so it works without std, as a module (`mod iris;`) and as a crate of its own.
// No unsafe code, no state: it may run in several threads at once. A slice of another length than a row's is no
// `&[f32; INPUTS]`, which is what `x.try_into()` says. `cargo test` or `rustc --test` checks the examples.
#![allow(dead_code, clippy::all, clippy::pedantic)]

/// How many numbers a row has.
pub const INPUTS: usize = 4;
/// How many numbers are told of it.
pub const OUTPUTS: usize = 3;

/// What the classes are called.
#[rustfmt::skip]
pub static NAMES: [&str; 3] = [
    "setosa",
    "versicolor",
    "virginica",
];

/// What the inputs are called.
#[rustfmt::skip]
pub static FEATURES: [&str; 4] = [
    "sepal length",
    "sepal width",
    "petal length",
    "petal width",
];

// Row i of a layer's weights holds what its input i weighs for each of its neurons.

#[rustfmt::skip]
static INPUT_SHIFT: [f32; 4] = [
    5.84, // sepal length
    3.06, // sepal width
    3.76, // petal length
    1.2, // petal width
];

#[rustfmt::skip]
static INPUT_SCALE: [f32; 4] = [
    1.21, // sepal length
    2.3, // sepal width
    0.57, // petal length
    1.32, // petal width
];

#[rustfmt::skip]
static LAYER_1_WEIGHTS: [[f32; 8]; 4] = [
    [-0.7781989, -0.21256967, 0.2869904, -0.4737168, 0.19039018, -0.8981731, 0.38797408, 0.21987218], // sepal length
    [0.7678859, 0.47035623, 0.007955133, 0.043196898, 0.21366708, 0.67805153, -0.46783936, -0.9171041], // sepal width
    [-0.94845176, -0.57101, -1.1603411, -0.5240002, -1.149375, -0.22338767, 0.9934779, 0.27456033], // petal length
    [-0.5581967, -1.1706412, -0.9925277, -0.16445658, -1.2328606, -0.14256889, 1.0013025, 0.8088989], // petal width
];

#[rustfmt::skip]
static LAYER_1_BIASES: [f32; 8] = [
    -0.9017519, // layer_1/node_1
    1.1605792, // layer_1/node_2
    1.0716788, // layer_1/node_3
    -0.5612326, // layer_1/node_4
    1.4292504, // layer_1/node_5
    -0.30851248, // layer_1/node_6
    0.8867361, // layer_1/node_7
    -0.29417577, // layer_1/node_8
];

#[rustfmt::skip]
static OUTPUT_WEIGHTS: [[f32; 3]; 8] = [
    [0.9604936, -0.89294916, -0.6502458], // layer_1/node_1
    [0.8568522, 0.558133, -1.4573694], // layer_1/node_2
    [0.08519351, 1.6600047, -1.8387457], // layer_1/node_3
    [0.26099125, -0.5501775, -0.14135022], // layer_1/node_4
    [1.5646776, 2.0242763, -1.0237024], // layer_1/node_5
    [1.4582131, -0.7258055, -0.9429489], // layer_1/node_6
    [-1.5525126, 0.9550288, 0.009901759], // layer_1/node_7
    [-1.4877282, -0.29483014, 0.36733994], // layer_1/node_8
];

#[rustfmt::skip]
static OUTPUT_BIASES: [f32; 3] = [
    0.09945501, // output/node_1
    0.1536442, // output/node_2
    -0.16605693, // output/node_3
];

// a*b + c, rounded once: 64 bits hold the product exactly.
fn fused(a: f32, b: f32, c: f32) -> f32 {
    let product = f64::from(a) * f64::from(b);
    let addend = f64::from(c);
    let mut sum = product + addend;
    if sum.to_bits() & 0x0FFF_FFFF == 0 {
        // Perhaps half-way between two floats: what the sum lost decides.
        let other = sum - product;
        let lost = (product - (sum - other)) + (addend - other);
        let size = if sum < 0.0 { -sum } else { sum };
        let least = size * f64::EPSILON;
        if lost > 0.0 {
            sum += least;
        }
        if lost < 0.0 {
            sum -= least;
        }
    }
    sum as f32
}

// A float as the whole number of its bits, and back.
fn bits(a: f32) -> i32 {
    a.to_bits() as i32
}

fn from_bits(k: i32) -> f32 {
    f32::from_bits(k as u32)
}

// |z|, and +0 of −0.
fn magnitude(z: f32) -> f32 {
    if z < 0.0 {
        -z
    } else {
        z + 0.0
    }
}

// 2ᵏ for −127 < k ≤ 127.
fn power_of_two(k: i32) -> f32 {
    from_bits((k + 127) << 23)
}

// eʳ − 1 for |r| ≤ ½·ln 2: r + r²·(1/2! + r/3! + …).
fn exp_series(r: f32) -> f32 {
    let mut total = fused(0.0001984127, r, 0.0013888889);
    total = fused(total, r, 0.008333334);
    total = fused(total, r, 0.041666668);
    total = fused(total, r, 0.16666667);
    total = fused(total, r, 0.5);
    fused(r * r, total, r)
}

// eˣ, within 2 units in the last place: x = k·ln 2 + r, and eˣ = 2ᵏ·eʳ.
fn exp(x: f32) -> f32 {
    if x != x {
        return x;
    }
    let below = if x > 89.0 { 89.0 } else { x };
    let held = if below < -104.0 { -104.0 } else { below };
    let shifted = fused(held, 1.442695, 1.2582912e+07);
    let whole = shifted - 1.2582912e+07;
    let k = bits(shifted) - 1262485504;
    let r = fused(whole, -1.4286068e-06, fused(whole, -0.69314575, held));
    let half = k >> 1;
    (exp_series(r) + 1.0) * power_of_two(half) * power_of_two(k - half)
}

// eˣ − 1 for |x| ≤ 40, within 2 units in the last place.
fn expm1(x: f32) -> f32 {
    if x != x {
        return x;
    }
    let shifted = fused(x, 1.442695, 1.2582912e+07);
    let whole = shifted - 1.2582912e+07;
    let k = bits(shifted) - 1262485504;
    let r = fused(whole, -1.4286068e-06, fused(whole, -0.69314575, x));
    let power = power_of_two(k);
    fused(power, exp_series(r), power - 1.0)
}

// The hyperbolic tangent: e / (e + 2) with e = e²ᶻ − 1.
fn tanh(z: f32) -> f32 {
    let twice = magnitude(z) * 2.0;
    let held = if twice > 40.0 { 40.0 } else { twice };
    let e = expm1(held);
    let t = e / (e + 2.0);
    if z < 0.0 {
        -t
    } else {
        t
    }
}

// The outputs for a row, and the place of the class that is chosen.
fn forward(x: &[f32; INPUTS]) -> ([f32; OUTPUTS], usize) {
    let mut layer_1 = [0.0_f32; 8];
    let mut output = [0.0_f32; 3];
    let mut y = [0.0; OUTPUTS];

    // layer_1: 8 neurons of 4 inputs, tanh
    for j in 0..8 {
        layer_1[j] = 0.0;
    }
    for i in 0..4 {
        let value = (x[i] - INPUT_SHIFT[i]) * INPUT_SCALE[i];
        for j in 0..8 {
            layer_1[j] = fused(value, LAYER_1_WEIGHTS[i][j], layer_1[j]);
        }
    }
    for j in 0..8 {
        layer_1[j] = tanh(layer_1[j] + LAYER_1_BIASES[j] + 0.0);
    }

    // output: 3 neurons of 8 inputs, softmax
    for j in 0..3 {
        output[j] = 0.0;
    }
    for i in 0..8 {
        for j in 0..3 {
            output[j] = fused(layer_1[i], OUTPUT_WEIGHTS[i][j], output[j]);
        }
    }
    for j in 0..3 {
        output[j] = output[j] + OUTPUT_BIASES[j] + 0.0;
    }

    // The likeliest class is that of the largest sum.
    let mut best = 0;
    for j in 0..3 {
        if output[j] > output[best] {
            best = j;
        }
    }

    // Of each sum e to its power, the largest first taken off; then its share of them all.
    let largest = output[best];
    let mut total = 0.0;
    for j in 0..3 {
        let below = if output[j] == largest {
            0.0
        } else {
            output[j] - largest
        };
        y[j] = exp(below);
        total = total + y[j];
    }
    for j in 0..3 {
        y[j] = y[j] / total;
    }
    (y, best)
}

/// Of one row: the probability of each class.
pub fn predict(x: &[f32; INPUTS]) -> [f32; OUTPUTS] {
    forward(x).0
}

/// The class that is chosen for a row.
pub fn classify(x: &[f32; INPUTS]) -> &'static str {
    NAMES[forward(x).1]
}

#[rustfmt::skip]
static EXAMPLE_INPUTS: [[f32; 4]; 3] = [
    [5.1, 3.5, 1.4, 0.2],
    [6.4, 2.9, 4.3, 1.3],
    [5.9, 3.0, 5.1, 1.8],
];

#[rustfmt::skip]
static EXAMPLE_OUTPUTS: [[f32; 3]; 3] = [
    [0.9981578, 0.0018417431, 4.6523363e-07],
    [0.00023048666, 0.9987029, 0.0010665603],
    [0.00017850773, 0.085856594, 0.91396487],
];

#[rustfmt::skip]
static EXAMPLE_PLACES: [usize; 3] = [
    0, 1, 2
];

/// Whether every example gives the outputs of Pellucid's own engine, to the last bit.
pub fn self_test() -> bool {
    let mut right = true;
    for n in 0..3 {
        let (y, place) = forward(&EXAMPLE_INPUTS[n]);
        right = right && place == EXAMPLE_PLACES[n];
        for j in 0..OUTPUTS {
            right = right && y[j].to_bits() == EXAMPLE_OUTPUTS[n][j].to_bits();
        }
    }
    right
}

#[test]
fn every_example_is_right_to_the_last_bit() {
    assert!(self_test());
}
