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
//     string chosen = Iris.Classify(x);
//     float[] y = Iris.Predict(x);  // the probability of each class
//
// C# 6 or newer, with .NET, .NET Framework or Mono. No library, no state: it may run in several threads at once.
// With IRIS_MAIN defined it is a program of its own, which checks the examples:
//
//     mcs -define:IRIS_MAIN -out:Iris.exe Iris.cs && mono Iris.exe
//     dotnet run -p:DefineConstants=IRIS_MAIN

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

public static class Iris
{
    /// <summary>How many numbers a row has.</summary>
    public const int Inputs = 4;

    /// <summary>How many numbers are told of it.</summary>
    public const int Outputs = 3;

    /// <summary>What the classes are called.</summary>
    public static readonly IReadOnlyList<string> Names = Array.AsReadOnly(new[]
    {
        "setosa",
        "versicolor",
        "virginica",
    });

    /// <summary>What the inputs are called.</summary>
    public static readonly IReadOnlyList<string> Features = Array.AsReadOnly(new[]
    {
        "sepal length",
        "sepal width",
        "petal length",
        "petal width",
    });

    // Row i of a layer's weights holds what its input i weighs for each of its neurons.

    private static readonly float[] InputShift =
    {
        5.84f, // sepal length
        3.06f, // sepal width
        3.76f, // petal length
        1.2f, // petal width
    };

    private static readonly float[] InputScale =
    {
        1.21f, // sepal length
        2.3f, // sepal width
        0.57f, // petal length
        1.32f, // petal width
    };

    private static readonly float[][] Layer1Weights =
    {
        new float[] { -0.7781989f, -0.21256967f, 0.2869904f, -0.4737168f, 0.19039018f, -0.8981731f, 0.38797408f, 0.21987218f }, // sepal length
        new float[] { 0.7678859f, 0.47035623f, 0.007955133f, 0.043196898f, 0.21366708f, 0.67805153f, -0.46783936f,
                      -0.9171041f }, // sepal width
        new float[] { -0.94845176f, -0.57101f, -1.1603411f, -0.5240002f, -1.149375f, -0.22338767f, 0.9934779f, 0.27456033f }, // petal length
        new float[] { -0.5581967f, -1.1706412f, -0.9925277f, -0.16445658f, -1.2328606f, -0.14256889f, 1.0013025f, 0.8088989f }, // petal width
    };

    private static readonly float[] Layer1Biases =
    {
        -0.9017519f, // layer_1/node_1
        1.1605792f, // layer_1/node_2
        1.0716788f, // layer_1/node_3
        -0.5612326f, // layer_1/node_4
        1.4292504f, // layer_1/node_5
        -0.30851248f, // layer_1/node_6
        0.8867361f, // layer_1/node_7
        -0.29417577f, // layer_1/node_8
    };

    private static readonly float[][] OutputWeights =
    {
        new float[] { 0.9604936f, -0.89294916f, -0.6502458f }, // layer_1/node_1
        new float[] { 0.8568522f, 0.558133f, -1.4573694f }, // layer_1/node_2
        new float[] { 0.08519351f, 1.6600047f, -1.8387457f }, // layer_1/node_3
        new float[] { 0.26099125f, -0.5501775f, -0.14135022f }, // layer_1/node_4
        new float[] { 1.5646776f, 2.0242763f, -1.0237024f }, // layer_1/node_5
        new float[] { 1.4582131f, -0.7258055f, -0.9429489f }, // layer_1/node_6
        new float[] { -1.5525126f, 0.9550288f, 0.009901759f }, // layer_1/node_7
        new float[] { -1.4877282f, -0.29483014f, 0.36733994f }, // layer_1/node_8
    };

    private static readonly float[] OutputBiases =
    {
        0.09945501f, // output/node_1
        0.1536442f, // output/node_2
        -0.16605693f, // output/node_3
    };

    // a*b + c, rounded once: 64 bits hold the product exactly.
    private static float Fused(float a, float b, float c)
    {
        double product = (double)a * b;
        double sum = (double)(product + c);
        if ((BitConverter.DoubleToInt64Bits(sum) & 0x0FFFFFFF) == 0)
        {
            // Perhaps half-way between two floats: what the sum lost decides.
            double other = (double)(sum - product);
            double lost = (double)((double)(product - (double)(sum - other)) + (double)(c - other));
            double least = (double)(Math.Abs(sum) * 2.220446049250313e-16);
            if (lost > 0)
            {
                sum = (double)(sum + least);
            }
            if (lost < 0)
            {
                sum = (double)(sum - least);
            }
        }
        return (float)sum;
    }

    // A float and the whole number of its bits share their place.
    [StructLayout(LayoutKind.Explicit)]
    private struct Word
    {
        [FieldOffset(0)] public float Single;
        [FieldOffset(0)] public int Whole;
    }

    private static int Bits(float a)
    {
        return new Word { Single = a }.Whole;
    }

    private static float FromBits(int k)
    {
        return new Word { Whole = k }.Single;
    }

    // |z|, and +0 of −0.
    private static float Magnitude(float z)
    {
        return z < 0.0f ? -z : (float)(z + 0.0f);
    }

    // 2ᵏ for −127 < k ≤ 127.
    private static float PowerOfTwo(int k)
    {
        return FromBits((k + 127) << 23);
    }

    // eʳ − 1 for |r| ≤ ½·ln 2: r + r²·(1/2! + r/3! + …).
    private static float ExpSeries(float r)
    {
        float total = Fused(0.0001984127f, r, 0.0013888889f);
        total = Fused(total, r, 0.008333334f);
        total = Fused(total, r, 0.041666668f);
        total = Fused(total, r, 0.16666667f);
        total = Fused(total, r, 0.5f);
        return Fused((float)(r * r), total, r);
    }

    // eˣ, within 2 units in the last place: x = k·ln 2 + r, and eˣ = 2ᵏ·eʳ.
    private static float Exp(float x)
    {
        if (float.IsNaN(x))
        {
            return x;
        }
        float below = x > 89.0f ? 89.0f : x;
        float held = below < -104.0f ? -104.0f : below;
        float shifted = Fused(held, 1.442695f, 1.2582912e+07f);
        float whole = (float)(shifted - 1.2582912e+07f);
        int k = Bits(shifted) - 1262485504;
        float r = Fused(whole, -1.4286068e-06f, Fused(whole, -0.69314575f, held));
        int half = k >> 1;
        return (float)((float)((float)(ExpSeries(r) + 1.0f) * PowerOfTwo(half)) * PowerOfTwo(k - half));
    }

    // eˣ − 1 for |x| ≤ 40, within 2 units in the last place.
    private static float Expm1(float x)
    {
        if (float.IsNaN(x))
        {
            return x;
        }
        float shifted = Fused(x, 1.442695f, 1.2582912e+07f);
        float whole = (float)(shifted - 1.2582912e+07f);
        int k = Bits(shifted) - 1262485504;
        float r = Fused(whole, -1.4286068e-06f, Fused(whole, -0.69314575f, x));
        float power = PowerOfTwo(k);
        return Fused(power, ExpSeries(r), (float)(power - 1.0f));
    }

    // The hyperbolic tangent: e / (e + 2) with e = e²ᶻ − 1.
    private static float Tanh(float z)
    {
        float twice = (float)(Magnitude(z) * 2.0f);
        float held = twice > 40.0f ? 40.0f : twice;
        float e = Expm1(held);
        float t = (float)(e / (float)(e + 2.0f));
        return z < 0.0f ? -t : t;
    }

    // Writes the outputs for a row and returns the place of the class that is chosen.
    private static int Forward(float[] x, float[] y)
    {
        if (x.Length != Inputs)
        {
            throw new ArgumentException(
                Inputs + " numbers are needed, one for each input; " + x.Length + " were given.", nameof(x));
        }
        float[] layer1 = new float[8];
        float[] output = new float[3];

        // layer_1: 8 neurons of 4 inputs, tanh
        for (int j = 0; j < 8; ++j)
        {
            layer1[j] = 0.0f;
        }
        for (int i = 0; i < 4; ++i)
        {
            float value = (float)((float)(x[i] - InputShift[i]) * InputScale[i]);
            for (int j = 0; j < 8; ++j)
            {
                layer1[j] = Fused(value, Layer1Weights[i][j], layer1[j]);
            }
        }
        for (int j = 0; j < 8; ++j)
        {
            layer1[j] = Tanh((float)((float)(layer1[j] + Layer1Biases[j]) + 0.0f));
        }

        // output: 3 neurons of 8 inputs, softmax
        for (int j = 0; j < 3; ++j)
        {
            output[j] = 0.0f;
        }
        for (int i = 0; i < 8; ++i)
        {
            for (int j = 0; j < 3; ++j)
            {
                output[j] = Fused(layer1[i], OutputWeights[i][j], output[j]);
            }
        }
        for (int j = 0; j < 3; ++j)
        {
            output[j] = (float)((float)(output[j] + OutputBiases[j]) + 0.0f);
        }

        // The likeliest class is that of the largest sum.
        int best = 0;
        for (int j = 0; j < 3; ++j)
        {
            if (output[j] > output[best])
            {
                best = j;
            }
        }

        // Of each sum e to its power, the largest first taken off; then its share of them all.
        float largest = output[best];
        float total = 0.0f;
        for (int j = 0; j < 3; ++j)
        {
            float below = output[j] == largest ? 0.0f : (float)(output[j] - largest);
            y[j] = Exp(below);
            total = (float)(total + y[j]);
        }
        for (int j = 0; j < 3; ++j)
        {
            y[j] = (float)(y[j] / total);
        }
        return best;
    }

    /// <summary>Of one row: the probability of each class.</summary>
    public static float[] Predict(float[] x)
    {
        float[] y = new float[Outputs];
        Forward(x, y);
        return y;
    }

    /// <summary>The class that is chosen for a row.</summary>
    public static string Classify(float[] x)
    {
        int place = Forward(x, new float[Outputs]);
        return Names[place];
    }

    private static readonly float[][] ExampleInputs =
    {
        new float[] { 5.1f, 3.5f, 1.4f, 0.2f },
        new float[] { 6.4f, 2.9f, 4.3f, 1.3f },
        new float[] { 5.9f, 3.0f, 5.1f, 1.8f },
    };

    private static readonly float[][] ExampleOutputs =
    {
        new float[] { 0.9981578f, 0.0018417431f, 4.6523363e-07f },
        new float[] { 0.00023048666f, 0.9987029f, 0.0010665603f },
        new float[] { 0.00017850773f, 0.085856594f, 0.91396487f },
    };

    private static readonly int[] ExamplePlaces =
    {
        0, 1, 2
    };

    /// <summary>Whether every example gives the outputs of Pellucid's own engine, to the last bit.</summary>
    public static bool SelfTest()
    {
        for (int n = 0; n < 3; ++n)
        {
            float[] y = new float[Outputs];
            if (Forward(ExampleInputs[n], y) != ExamplePlaces[n])
            {
                return false;
            }
            for (int j = 0; j < Outputs; ++j)
            {
                if (BitConverter.DoubleToInt64Bits(y[j]) != BitConverter.DoubleToInt64Bits(ExampleOutputs[n][j]))
                {
                    return false;
                }
            }
        }
        return true;
    }
#if IRIS_MAIN

    public static int Main()
    {
        bool right = SelfTest();
        Console.WriteLine(
            "Iris: " + (right ? "right to the last bit (3 examples)" : "an example is wrong"));
        return right ? 0 : 1;
    }
#endif
}
