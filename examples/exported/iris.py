"""iris: a network of 4 inputs, 3 outputs and 67 parameters, by Pellucid 0.1.0.

    layer_1  8 neurons, tanh
    output   3 neurons, softmax

Inputs: sepal length, sepal width, petal length, petal width
Classes: setosa, versicolor, virginica
Inputs are given as they were in the data; they are scaled inside.
Every operation is rounded to a float of 32 bits, in the order in which it is written: so the outputs
have the same bits as Pellucid's, in every language and on every machine. The self-test proves it.

    classify(x)   # the class that is chosen
    predict(x)    # the probability of each class

Python 3.8 or newer, and nothing else; python iris.py --self-test checks the examples.
"""

import math
import sys
from array import array

INPUTS = 4
OUTPUTS = 3

# What the classes are called.
NAMES = [
    "setosa",
    "versicolor",
    "virginica",
]


# What the inputs are called.
FEATURES = [
    "sepal length",
    "sepal width",
    "petal length",
    "petal width",
]


def floats(*numbers):
    """Return numbers as floats of 32 bits."""
    return array("f", numbers)


# Row i of a layer's weights holds what its input i weighs for each of its neurons.

INPUT_SHIFT = floats(
    5.84,  # sepal length
    3.06,  # sepal width
    3.76,  # petal length
    1.2,  # petal width
)

INPUT_SCALE = floats(
    1.21,  # sepal length
    2.3,  # sepal width
    0.57,  # petal length
    1.32,  # petal width
)

LAYER_1_WEIGHTS = [
    floats(  # sepal length
        -0.7781989, -0.21256967, 0.2869904, -0.4737168, 0.19039018, -0.8981731, 0.38797408, 0.21987218
    ),
    floats(  # sepal width
        0.7678859, 0.47035623, 0.007955133, 0.043196898, 0.21366708, 0.67805153, -0.46783936, -0.9171041
    ),
    floats(  # petal length
        -0.94845176, -0.57101, -1.1603411, -0.5240002, -1.149375, -0.22338767, 0.9934779, 0.27456033
    ),
    floats(  # petal width
        -0.5581967, -1.1706412, -0.9925277, -0.16445658, -1.2328606, -0.14256889, 1.0013025, 0.8088989
    ),
]

LAYER_1_BIASES = floats(
    -0.9017519,  # layer_1/node_1
    1.1605792,  # layer_1/node_2
    1.0716788,  # layer_1/node_3
    -0.5612326,  # layer_1/node_4
    1.4292504,  # layer_1/node_5
    -0.30851248,  # layer_1/node_6
    0.8867361,  # layer_1/node_7
    -0.29417577,  # layer_1/node_8
)

OUTPUT_WEIGHTS = [
    floats(0.9604936, -0.89294916, -0.6502458),  # layer_1/node_1
    floats(0.8568522, 0.558133, -1.4573694),  # layer_1/node_2
    floats(0.08519351, 1.6600047, -1.8387457),  # layer_1/node_3
    floats(0.26099125, -0.5501775, -0.14135022),  # layer_1/node_4
    floats(1.5646776, 2.0242763, -1.0237024),  # layer_1/node_5
    floats(1.4582131, -0.7258055, -0.9429489),  # layer_1/node_6
    floats(-1.5525126, 0.9550288, 0.009901759),  # layer_1/node_7
    floats(-1.4877282, -0.29483014, 0.36733994),  # layer_1/node_8
]

OUTPUT_BIASES = floats(
    0.09945501,  # output/node_1
    0.1536442,  # output/node_2
    -0.16605693,  # output/node_3
)


def f32(a):
    """Return a number of 64 bits rounded to 32."""
    return array("f", (a,))[0]


def fused(a, b, c):
    """Return a*b + c, rounded once to 32 bits: 64 hold the product exactly."""
    product = a * b
    total = product + c
    if (math.frexp(total)[0] * 33554432.0) % 1.0 == 0.0:  # perhaps half-way between two: what the sum lost decides
        other = total - product
        lost = (product - (total - other)) + (c - other)
        least = abs(total) * sys.float_info.epsilon
        if lost > 0.0:
            total += least
        if lost < 0.0:
            total -= least
    return f32(total)


def bits(a):
    """Return the whole number of a float's bits."""
    return array("i", array("f", (a,)).tobytes())[0]


def from_bits(k):
    """Return the float of these bits."""
    return array("f", array("i", (k,)).tobytes())[0]


def magnitude(z):
    """|z|, and +0 of −0."""
    return -z if z < 0.0 else f32(z + 0.0)


def power_of_two(k):
    """2ᵏ for −127 < k ≤ 127."""
    return from_bits((k + 127) << 23)


def exp_series(r):
    """eʳ − 1 for |r| ≤ ½·ln 2: r + r²·(1/2! + r/3! + …)."""
    total = fused(0.00019841270113829523, r, 0.0013888889225199819)
    total = fused(total, r, 0.008333333767950535)
    total = fused(total, r, 0.0416666679084301)
    total = fused(total, r, 0.1666666716337204)
    total = fused(total, r, 0.5)
    return fused(f32(r * r), total, r)


def exp(x):
    """eˣ, within 2 units in the last place: x = k·ln 2 + r, and eˣ = 2ᵏ·eʳ."""
    if x != x:
        return x
    below = 89.0 if x > 89.0 else x
    held = -104.0 if below < -104.0 else below
    shifted = fused(held, 1.4426950216293335, 12582912.0)
    whole = f32(shifted - 12582912.0)
    k = bits(shifted) - 1262485504
    r = fused(whole, -1.428606765330187e-06, fused(whole, -0.693145751953125, held))
    half = k >> 1
    return f32(f32(f32(exp_series(r) + 1.0) * power_of_two(half)) * power_of_two(k - half))


def expm1(x):
    """eˣ − 1 for |x| ≤ 40, within 2 units in the last place."""
    if x != x:
        return x
    shifted = fused(x, 1.4426950216293335, 12582912.0)
    whole = f32(shifted - 12582912.0)
    k = bits(shifted) - 1262485504
    r = fused(whole, -1.428606765330187e-06, fused(whole, -0.693145751953125, x))
    power = power_of_two(k)
    return fused(power, exp_series(r), f32(power - 1.0))


def tanh(z):
    """The hyperbolic tangent: e / (e + 2) with e = e²ᶻ − 1."""
    twice = f32(magnitude(z) * 2.0)
    held = 40.0 if twice > 40.0 else twice
    e = expm1(held)
    t = f32(e / f32(e + 2.0))
    return -t if z < 0.0 else t


def forward(given):
    """Return what is told of a row, and the place of the class that is chosen."""
    if len(given) != INPUTS:
        raise ValueError(f"{INPUTS} numbers are needed, one for each input; {len(given)} were given.")
    x = array("f", given)
    layer_1 = array("f", [0.0]) * 8
    output = array("f", [0.0]) * 3
    y = array("f", [0.0]) * OUTPUTS

    # layer_1: 8 neurons of 4 inputs, tanh
    for j in range(8):
        layer_1[j] = 0.0
    for i in range(4):
        value = f32(f32(x[i] - INPUT_SHIFT[i]) * INPUT_SCALE[i])
        for j in range(8):
            layer_1[j] = fused(value, LAYER_1_WEIGHTS[i][j], layer_1[j])
    for j in range(8):
        layer_1[j] = tanh(f32(f32(layer_1[j] + LAYER_1_BIASES[j]) + 0.0))

    # output: 3 neurons of 8 inputs, softmax
    for j in range(3):
        output[j] = 0.0
    for i in range(8):
        for j in range(3):
            output[j] = fused(layer_1[i], OUTPUT_WEIGHTS[i][j], output[j])
    for j in range(3):
        output[j] = f32(f32(output[j] + OUTPUT_BIASES[j]) + 0.0)

    # The likeliest class is that of the largest sum.
    best = 0
    for j in range(3):
        if output[j] > output[best]:
            best = j

    # Of each sum e to its power, the largest first taken off; then its share of them all.
    largest = output[best]
    total = 0.0
    for j in range(3):
        below = 0.0 if output[j] == largest else f32(output[j] - largest)
        y[j] = exp(below)
        total = f32(total + y[j])
    for j in range(3):
        y[j] = f32(y[j] / total)
    return y, best


def predict(x):
    """Return of one row: the probability of each class."""
    return list(forward(x)[0])


def classify(x):
    """Return the class that is chosen for a row."""
    return NAMES[forward(x)[1]]


EXAMPLE_INPUTS = [
    floats(5.1, 3.5, 1.4, 0.2),
    floats(6.4, 2.9, 4.3, 1.3),
    floats(5.9, 3.0, 5.1, 1.8),
]

EXAMPLE_OUTPUTS = [
    floats(0.9981578, 0.0018417431, 4.6523363e-07),
    floats(0.00023048666, 0.9987029, 0.0010665603),
    floats(0.00017850773, 0.085856594, 0.91396487),
]

EXAMPLE_PLACES = [
    0, 1, 2
]


def bits_of(rows):
    """Return what rows hold bit by bit: 0 is not -0 there."""
    return [row.tobytes() for row in rows]


def self_test():
    """Return whether every example gives the outputs of Pellucid's own engine, to the last bit."""
    answers = [forward(x) for x in EXAMPLE_INPUTS]
    return bits_of(y for y, _ in answers) == bits_of(EXAMPLE_OUTPUTS) and [n for _, n in answers] == EXAMPLE_PLACES


if __name__ == "__main__" and "--self-test" in sys.argv:
    right = self_test()
    print("iris:", "right to the last bit (3 examples)" if right else "an example is wrong")
    sys.exit(0 if right else 1)
