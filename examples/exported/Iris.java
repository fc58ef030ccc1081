// Iris: a network of 4 inputs, 3 outputs and 67 parameters, by Pellucid 0.1.0.
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
//     String chosen = Iris.classify(x);
//     float[] y = Iris.predict(x);  // the probability of each class
//
// Java 9 or newer, and no library; put it into a package of yours. No state, so it may run in several threads at once.
// Numbers stand in strings, since a class has room for 64 KB of code alone, and filling an array is code.
//
//     javac Iris.java && java Iris --self-test
//
// checks the examples.

import java.util.Arrays;
import java.util.List;
import java.util.StringTokenizer;
import java.util.regex.Pattern;

public final class Iris {
    /** How many numbers a row has. */
    public static final int INPUTS = 4;
    /** How many numbers are told of it. */
    public static final int OUTPUTS = 3;

    /** What the classes are called. */
    public static final List<String> NAMES = texts("\012",
        "setosa\012" +
        "versicolor\012" +
        "virginica"
    );

    /** What the inputs are called. */
    public static final List<String> FEATURES = texts("\012",
        "sepal length\012" +
        "sepal width\012" +
        "petal length\012" +
        "petal width"
    );

    private Iris() {}

    private static final float[] INPUT_SHIFT = floats(
        "5.84 " + // sepal length
        "3.06 " + // sepal width
        "3.76 " + // petal length
        "1.2 " // petal width
    );

    private static final float[] INPUT_SCALE = floats(
        "1.21 " + // sepal length
        "2.3 " + // sepal width
        "0.57 " + // petal length
        "1.32 " // petal width
    );

    // layer_1: 8 neurons of 4 inputs, tanh
    private static final class Layer1 {
        // Row i holds what input i weighs for each neuron.
        private static final float[][] WEIGHTS = floatRows(4,
            "-0.7781989 -0.21256967 0.2869904 -0.4737168 0.19039018 -0.8981731 0.38797408 0.21987218 " + // sepal length
            "0.7678859 0.47035623 0.007955133 0.043196898 0.21366708 0.67805153 -0.46783936 -0.9171041 " + // sepal width
            "-0.94845176 -0.57101 -1.1603411 -0.5240002 -1.149375 -0.22338767 0.9934779 0.27456033 " + // petal length
            "-0.5581967 -1.1706412 -0.9925277 -0.16445658 -1.2328606 -0.14256889 1.0013025 0.8088989 " // petal width
        );

        private static final float[] BIASES = floats(
            "-0.9017519 " + // layer_1/node_1
            "1.1605792 " + // layer_1/node_2
            "1.0716788 " + // layer_1/node_3
            "-0.5612326 " + // layer_1/node_4
            "1.4292504 " + // layer_1/node_5
            "-0.30851248 " + // layer_1/node_6
            "0.8867361 " + // layer_1/node_7
            "-0.29417577 " // layer_1/node_8
        );

        static float[] of(float[] x) {
            float[] layer1 = new float[8];
            for (int j = 0; j < 8; ++j) {
                layer1[j] = 0.0f;
            }
            for (int i = 0; i < 4; ++i) {
                float value = (x[i] - INPUT_SHIFT[i]) * INPUT_SCALE[i];
                for (int j = 0; j < 8; ++j) {
                    layer1[j] = Math.fma(value, WEIGHTS[i][j], layer1[j]);
                }
            }
            for (int j = 0; j < 8; ++j) {
                layer1[j] = tanh(layer1[j] + BIASES[j] + 0.0f);
            }
            return layer1;
        }
    }

    // output: 3 neurons of 8 inputs, softmax
    private static final class Output {
        // Row i holds what input i weighs for each neuron.
        private static final float[][] WEIGHTS = floatRows(8,
            "0.9604936 -0.89294916 -0.6502458 " + // layer_1/node_1
            "0.8568522 0.558133 -1.4573694 " + // layer_1/node_2
            "0.08519351 1.6600047 -1.8387457 " + // layer_1/node_3
            "0.26099125 -0.5501775 -0.14135022 " + // layer_1/node_4
            "1.5646776 2.0242763 -1.0237024 " + // layer_1/node_5
            "1.4582131 -0.7258055 -0.9429489 " + // layer_1/node_6
            "-1.5525126 0.9550288 0.009901759 " + // layer_1/node_7
            "-1.4877282 -0.29483014 0.36733994 " // layer_1/node_8
        );

        private static final float[] BIASES = floats(
            "0.09945501 " + // output/node_1
            "0.1536442 " + // output/node_2
            "-0.16605693 " // output/node_3
        );

        static float[] of(float[] layer1) {
            float[] output = new float[3];
            for (int j = 0; j < 3; ++j) {
                output[j] = 0.0f;
            }
            for (int i = 0; i < 8; ++i) {
                for (int j = 0; j < 3; ++j) {
                    output[j] = Math.fma(layer1[i], WEIGHTS[i][j], output[j]);
                }
            }
            for (int j = 0; j < 3; ++j) {
                output[j] = output[j] + BIASES[j] + 0.0f;
            }
            return output;
        }
    }

    // |z|, and +0 of -0.
    private static float magnitude(float z) {
        return z < 0.0f ? -z : z + 0.0f;
    }

    // 2^k for -127 < k <= 127.
    private static float powerOfTwo(int k) {
        return Float.intBitsToFloat((k + 127) << 23);
    }

    // e^r - 1 for |r| <= 1/2*ln 2: r + r^2*(1/2! + r/3! + ...).
    private static float expSeries(float r) {
        float total = Math.fma(0.0001984127f, r, 0.0013888889f);
        total = Math.fma(total, r, 0.008333334f);
        total = Math.fma(total, r, 0.041666668f);
        total = Math.fma(total, r, 0.16666667f);
        total = Math.fma(total, r, 0.5f);
        return Math.fma(r * r, total, r);
    }

    // e^x, within 2 units in the last place: x = k*ln 2 + r, and e^x = 2^k*e^r.
    private static float exp(float x) {
        if (x != x) {
            return x;
        }
        float below = x > 89.0f ? 89.0f : x;
        float held = below < -104.0f ? -104.0f : below;
        float shifted = Math.fma(held, 1.442695f, 1.2582912e+07f);
        float whole = shifted - 1.2582912e+07f;
        int k = Float.floatToRawIntBits(shifted) - 1262485504;
        float r = Math.fma(whole, -1.4286068e-06f, Math.fma(whole, -0.69314575f, held));
        int half = k >> 1;
        return (expSeries(r) + 1.0f) * powerOfTwo(half) * powerOfTwo(k - half);
    }

    // e^x - 1 for |x| <= 40, within 2 units in the last place.
    private static float expm1(float x) {
        if (x != x) {
            return x;
        }
        float shifted = Math.fma(x, 1.442695f, 1.2582912e+07f);
        float whole = shifted - 1.2582912e+07f;
        int k = Float.floatToRawIntBits(shifted) - 1262485504;
        float r = Math.fma(whole, -1.4286068e-06f, Math.fma(whole, -0.69314575f, x));
        float power = powerOfTwo(k);
        return Math.fma(power, expSeries(r), power - 1.0f);
    }

    // The hyperbolic tangent: e / (e + 2) with e = e^2z - 1.
    private static float tanh(float z) {
        float twice = magnitude(z) * 2.0f;
        float held = twice > 40.0f ? 40.0f : twice;
        float e = expm1(held);
        float t = e / (e + 2.0f);
        return z < 0.0f ? -t : t;
    }

    // Writes the outputs for a row and returns the place of the class that is chosen.
    private static int forward(float[] x, float[] y) {
        if (x.length != INPUTS) {
            throw new IllegalArgumentException(
                    INPUTS + " numbers are needed, one for each input; " + x.length + " were given.");
        }
        float[] layer1 = Layer1.of(x);
        float[] output = Output.of(layer1);

        // The likeliest class is that of the largest sum.
        int best = 0;
        for (int j = 0; j < 3; ++j) {
            if (output[j] > output[best]) {
                best = j;
            }
        }
        // Of each sum e to its power, the largest first taken off; then its share of them all.
        float largest = output[best];
        float total = 0.0f;
        for (int j = 0; j < 3; ++j) {
            float below = output[j] == largest ? 0.0f : output[j] - largest;
            y[j] = exp(below);
            total = total + y[j];
        }
        for (int j = 0; j < 3; ++j) {
            y[j] = y[j] / total;
        }
        return best;
    }

    /** Of one row: the probability of each class. */
    public static float[] predict(float[] x) {
        float[] y = new float[OUTPUTS];
        forward(x, y);
        return y;
    }

    /** The class that is chosen for a row. */
    public static String classify(float[] x) {
        int place = forward(x, new float[OUTPUTS]);
        return NAMES.get(place);
    }

    // The numbers that stand in texts.
    private static float[] floats(String... texts) {
        StringTokenizer words = new StringTokenizer(String.join("", texts));
        float[] numbers = new float[words.countTokens()];
        for (int n = 0; n < numbers.length; ++n) {
            numbers[n] = Float.parseFloat(words.nextToken());
        }
        return numbers;
    }

    // The same, in rows.
    private static float[][] floatRows(int count, String... texts) {
        float[] numbers = floats(texts);
        int size = numbers.length / count;
        float[][] rows = new float[count][];
        for (int n = 0; n < count; ++n) {
            rows[n] = Arrays.copyOfRange(numbers, n * size, (n + 1) * size);
        }
        return rows;
    }

    // Texts that were joined, with a mark between them.
    private static List<String> texts(String mark, String... parts) {
        return List.of(String.join("", parts).split(Pattern.quote(mark), -1));
    }

    private static final class Examples {
        private static final float[][] INPUTS = floatRows(3,
            "5.1 3.5 1.4 0.2 " +
            "6.4 2.9 4.3 1.3 " +
            "5.9 3.0 5.1 1.8 "
        );

        private static final float[][] OUTPUTS = floatRows(3,
            "0.9981578 0.0018417431 4.6523363e-07 " +
            "0.00023048666 0.9987029 0.0010665603 " +
            "0.00017850773 0.085856594 0.91396487 "
        );

        private static final int[] PLACES = {0, 1, 2};
    }

    /** Whether every example gives the outputs of Pellucid's own engine, to the last bit. */
    public static boolean selfTest() {
        for (int n = 0; n < 3; ++n) {
            float[] y = new float[OUTPUTS];
            if (forward(Examples.INPUTS[n], y) != Examples.PLACES[n]) {
                return false;
            }
            if (!Arrays.equals(y, Examples.OUTPUTS[n])) {
                return false;
            }
        }
        return true;
    }

    public static void main(String[] arguments) {
        if (Arrays.asList(arguments).contains("--self-test")) {
            boolean right = selfTest();
            System.out.println(
                    "Iris: " + (right ? "right to the last bit (3 examples)" : "an example is wrong"));
            System.exit(right ? 0 : 1);
        }
    }
}
