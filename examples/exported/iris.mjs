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
//     import { classify, predict } from "./iris.mjs";
//
//     classify(x);  // the class that is chosen
//     predict(x);   // the probability of each class
//     forward(x);   // every number on the way
//
// An ES module without dependencies, for browsers and Node; node iris.mjs --self-test checks the examples.

const f32 = Math.fround;

export const inputs = 4;
export const outputs = 3;

/** What the classes are called. */
export const names = [
    "setosa",
    "versicolor",
    "virginica",
];

/** What the inputs are called. */
export const features = [
    "sepal length",
    "sepal width",
    "petal length",
    "petal width",
];

// Row i of a layer's weights holds what its input i weighs for each of its neurons.

const inputShift = Float32Array.from([
    5.84, // sepal length
    3.06, // sepal width
    3.76, // petal length
    1.2, // petal width
]);

const inputScale = Float32Array.from([
    1.21, // sepal length
    2.3, // sepal width
    0.57, // petal length
    1.32, // petal width
]);

const layer1Weights = [
    [-0.7781989, -0.21256967, 0.2869904, -0.4737168, 0.19039018, -0.8981731, 0.38797408, 0.21987218], // sepal length
    [0.7678859, 0.47035623, 0.007955133, 0.043196898, 0.21366708, 0.67805153, -0.46783936, -0.9171041], // sepal width
    [-0.94845176, -0.57101, -1.1603411, -0.5240002, -1.149375, -0.22338767, 0.9934779, 0.27456033], // petal length
    [-0.5581967, -1.1706412, -0.9925277, -0.16445658, -1.2328606, -0.14256889, 1.0013025, 0.8088989], // petal width
].map((row) => Float32Array.from(row));

const layer1Biases = Float32Array.from([
    -0.9017519, // layer_1/node_1
    1.1605792, // layer_1/node_2
    1.0716788, // layer_1/node_3
    -0.5612326, // layer_1/node_4
    1.4292504, // layer_1/node_5
    -0.30851248, // layer_1/node_6
    0.8867361, // layer_1/node_7
    -0.29417577, // layer_1/node_8
]);

const outputWeights = [
    [0.9604936, -0.89294916, -0.6502458], // layer_1/node_1
    [0.8568522, 0.558133, -1.4573694], // layer_1/node_2
    [0.08519351, 1.6600047, -1.8387457], // layer_1/node_3
    [0.26099125, -0.5501775, -0.14135022], // layer_1/node_4
    [1.5646776, 2.0242763, -1.0237024], // layer_1/node_5
    [1.4582131, -0.7258055, -0.9429489], // layer_1/node_6
    [-1.5525126, 0.9550288, 0.009901759], // layer_1/node_7
    [-1.4877282, -0.29483014, 0.36733994], // layer_1/node_8
].map((row) => Float32Array.from(row));

const outputBiases = Float32Array.from([
    0.09945501, // output/node_1
    0.1536442, // output/node_2
    -0.16605693, // output/node_3
]);

/** The layers: what each weighs, by input and neuron, and its biases. */
export const layers = [
    { name: "layer_1", activation: "tanh", weights: layer1Weights, biases: layer1Biases },
    { name: "output", activation: "softmax", weights: outputWeights, biases: outputBiases },
];

// Numbers here have 64 bits; f32 rounds each result to 32.
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1; // which half of a double comes first
const single = new Float32Array(1);
const whole = new Int32Array(single.buffer);

/** a*b + c, rounded once to 32 bits: 64 hold the product exactly. */
function fused(a, b, c) {
    const product = a * b;
    let sum = product + c;
    double[0] = sum;
    if ((words[LOW] & 0x0fffffff) === 0) { // perhaps half-way between two floats: what the sum lost decides
        const other = sum - product;
        const lost = (product - (sum - other)) + (c - other);
        const least = Math.abs(sum) * Number.EPSILON;
        if (lost > 0) sum += least;
        if (lost < 0) sum -= least;
    }
    return f32(sum);
}

/** A float as the whole number of its bits, and back. */
function bits(a) {
    single[0] = a;
    return whole[0];
}

function fromBits(k) {
    whole[0] = k;
    return single[0];
}

// |z|, and +0 of −0.
function magnitude(z) {
    return z < 0 ? -z : f32(z + 0);
}

// 2ᵏ for −127 < k ≤ 127.
function powerOfTwo(k) {
    return fromBits((k + 127) << 23);
}

// eʳ − 1 for |r| ≤ ½·ln 2: r + r²·(1/2! + r/3! + …).
function expSeries(r) {
    let total = fused(0.00019841270113829523, r, 0.0013888889225199819);
    total = fused(total, r, 0.008333333767950535);
    total = fused(total, r, 0.0416666679084301);
    total = fused(total, r, 0.1666666716337204);
    total = fused(total, r, 0.5);
    return fused(f32(r * r), total, r);
}

// eˣ, within 2 units in the last place: x = k·ln 2 + r, and eˣ = 2ᵏ·eʳ.
function exp(x) {
    if (x != x) {
        return x;
    }
    const below = x > 89 ? 89 : x;
    const held = below < -104 ? -104 : below;
    const shifted = fused(held, 1.4426950216293335, 12582912);
    const whole = f32(shifted - 12582912);
    const k = bits(shifted) - 1262485504;
    const r = fused(whole, -1.428606765330187e-06, fused(whole, -0.693145751953125, held));
    const half = k >> 1;
    return f32(f32(f32(expSeries(r) + 1) * powerOfTwo(half)) * powerOfTwo(k - half));
}

// eˣ − 1 for |x| ≤ 40, within 2 units in the last place.
function expm1(x) {
    if (x != x) {
        return x;
    }
    const shifted = fused(x, 1.4426950216293335, 12582912);
    const whole = f32(shifted - 12582912);
    const k = bits(shifted) - 1262485504;
    const r = fused(whole, -1.428606765330187e-06, fused(whole, -0.693145751953125, x));
    const power = powerOfTwo(k);
    return fused(power, expSeries(r), f32(power - 1));
}

// The hyperbolic tangent: e / (e + 2) with e = e²ᶻ − 1.
function tanh(z) {
    const twice = f32(magnitude(z) * 2);
    const held = twice > 40 ? 40 : twice;
    const e = expm1(held);
    const t = f32(e / f32(e + 2));
    return z < 0 ? -t : t;
}

/** Every number on the way: scaled inputs, each layer's weighted sums and activations, and the outputs. */
export function forward(given) {
    if (given.length !== inputs) {
        throw new RangeError(`${inputs} numbers are needed, one for each input; ${given.length} were given.`);
    }
    const x = Float32Array.from(given);
    const scaled = new Float32Array(4);
    const layer1Sums = new Float32Array(8);
    const layer1 = new Float32Array(8);
    const outputSums = new Float32Array(3);
    const y = new Float32Array(3);

    // layer_1: 8 neurons of 4 inputs, tanh
    for (let j = 0; j < 8; ++j) {
        layer1Sums[j] = 0;
    }
    for (let i = 0; i < 4; ++i) {
        scaled[i] = f32(f32(x[i] - inputShift[i]) * inputScale[i]);
        for (let j = 0; j < 8; ++j) {
            layer1Sums[j] = fused(scaled[i], layer1Weights[i][j], layer1Sums[j]);
        }
    }
    for (let j = 0; j < 8; ++j) {
        layer1Sums[j] = f32(f32(layer1Sums[j] + layer1Biases[j]) + 0);
        layer1[j] = tanh(layer1Sums[j]);
    }

    // output: 3 neurons of 8 inputs, softmax
    for (let j = 0; j < 3; ++j) {
        outputSums[j] = 0;
    }
    for (let i = 0; i < 8; ++i) {
        for (let j = 0; j < 3; ++j) {
            outputSums[j] = fused(layer1[i], outputWeights[i][j], outputSums[j]);
        }
    }
    for (let j = 0; j < 3; ++j) {
        outputSums[j] = f32(f32(outputSums[j] + outputBiases[j]) + 0);
    }

    // The likeliest class is that of the largest sum.
    let best = 0;
    for (let j = 0; j < 3; ++j) {
        if (outputSums[j] > outputSums[best]) {
            best = j;
        }
    }

    // Of each sum e to its power, the largest first taken off; then its share of them all.
    const largest = outputSums[best];
    let total = 0;
    for (let j = 0; j < 3; ++j) {
        const below = outputSums[j] == largest ? 0 : f32(outputSums[j] - largest);
        y[j] = exp(below);
        total = f32(total + y[j]);
    }
    for (let j = 0; j < 3; ++j) {
        y[j] = f32(y[j] / total);
    }

    return {
        scaled,
        layers: [
            { name: "layer_1", sums: layer1Sums, activations: layer1 },
            { name: "output", sums: outputSums, activations: y },
        ],
        y,
        place: best,
    };
}

/** Of one row: the probability of each class. */
export function predict(x) {
    return forward(x).y;
}

/** The class that is chosen for a row. */
export function classify(x) {
    return names[forward(x).place];
}

const exampleInputs = [
    [5.1, 3.5, 1.4, 0.2],
    [6.4, 2.9, 4.3, 1.3],
    [5.9, 3, 5.1, 1.8],
].map((row) => Float32Array.from(row));

const exampleOutputs = [
    [0.9981578, 0.0018417431, 4.6523363e-07],
    [0.00023048666, 0.9987029, 0.0010665603],
    [0.00017850773, 0.085856594, 0.91396487],
].map((row) => Float32Array.from(row));

const examplePlaces = Int32Array.from([
    0, 1, 2
]);

/** Whether every example gives the outputs of Pellucid's own engine, to the last bit. */
export function selfTest() {
    return exampleInputs.every((x, n) => {
        const { y, place } = forward(x);
        return place === examplePlaces[n] && y.every((value, j) => Object.is(value, exampleOutputs[n][j]));
    });
}

if (typeof process === "object" && process.argv?.[1] && process.argv.includes("--self-test")) {
    const [{ realpathSync }, { pathToFileURL }] = await Promise.all(["node:fs", "node:url"].map((name) => import(name)));
    if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) { // this file itself is what was started
        const right = selfTest();
        console.log(right ? "iris: right to the last bit (3 examples)" : "iris: an example is wrong");
        process.exitCode = right ? 0 : 1;
    }
}
