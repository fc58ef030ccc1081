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

/** How many numbers a row has. */
export const inputs: 4;
/** How many numbers are told of it. */
export const outputs: 3;
/** What the classes are called. */
export const names: readonly string[];
/** What the inputs are called. */
export const features: readonly string[];

/** A layer: weights[i][j] is what its input i weighs for its neuron j. */
export interface Layer {
    readonly name: string;
    readonly activation: string;
    readonly weights: readonly Float32Array[];
    readonly biases: Float32Array;
}

export const layers: readonly Layer[];

/** One layer's numbers for a row. */
export interface LayerNumbers {
    readonly name: string;
    readonly sums: Float32Array;
    readonly activations: Float32Array;
}

/** Every number on the way: scaled inputs, each layer's weighted sums and activations, and the outputs. */
export function forward(x: ArrayLike<number>): {
    readonly scaled: Float32Array;
    readonly layers: readonly LayerNumbers[];
    readonly y: Float32Array;
    readonly place: number;
};

/** Of one row: the probability of each class. */
export function predict(x: ArrayLike<number>): Float32Array;

/** The class that is chosen for a row. */
export function classify(x: ArrayLike<number>): string;

/** Whether every example gives the outputs of Pellucid's own engine, to the last bit. */
export function selfTest(): boolean;
