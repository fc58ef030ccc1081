"""What cannot be used is refused, saying what was wrong, given and accepted; and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pellucid import Adam, Dense, Dropout, Network
from pellucid.core import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from pellucid.errors import DataError, KindError, PellucidError, SettingError, ShapeError, UnknownNameError
from training import runs

X, Y, W = runs.table()

nanx, infy = X.copy(), Y.astype(float)
nanx[3, 2], infy[5] = np.nan, np.inf


class Sparse:
    """What SciPy's sparse arrays have in common."""

    def toarray(self) -> object:
        return X


def PLAIN() -> Network:
    return Network([5, 6, 3])


FITS: list[tuple[str, Callable[[], Network], dict[str, Any], type[PellucidError], str]] = [
    (
        "one row",
        PLAIN,
        {"X": X[0]},
        ShapeError,
        "X has shape (5,); (rows, 5) is accepted. For one sample give X.reshape(1, -1).",
    ),
    (
        "3d",
        PLAIN,
        {"X": X[:, :, None]},
        ShapeError,
        "X has shape (57, 5, 1); (rows, 5) is accepted. Give X.reshape(len(X), -1).",
    ),
    (
        "cols",
        PLAIN,
        {"X": X[:, :4]},
        ShapeError,
        "X has 4 columns, but the network has 5 inputs. Give 5 columns, or build the network for 4.",
    ),
    ("empty", PLAIN, {"X": X[:0], "y": Y[:0]}, DataError, "X has no rows; at least one is needed."),
    (
        "scalar X",
        PLAIN,
        {"X": 3},
        ShapeError,
        "X has shape (); (rows, 5) is accepted. Give a table, with a row for each sample.",
    ),
    (
        "nan",
        PLAIN,
        {"X": nanx},
        DataError,
        (
            "X holds nan in row 3, column 2 (counting from 0); finite numbers are accepted. Fill or "
            "drop such rows first."
        ),
    ),
    (
        "inf y",
        PLAIN,
        {"y": infy},
        DataError,
        ("y holds inf in row 5 (counting from 0); finite numbers are accepted. Fill or drop such rows first."),
    ),
    (
        "texts",
        PLAIN,
        {"X": X.astype(str)},
        KindError,
        "X holds texts; numbers are accepted. Encode them as numbers first.",
    ),
    (
        "None",
        PLAIN,
        {"X": None},
        ShapeError,
        "X has shape (); (rows, 5) is accepted. Give a table, with a row for each sample.",
    ),
    (
        "objects",
        PLAIN,
        {"X": np.array([[{}] * 5] * 57, dtype=object)},
        KindError,
        (
            "X holds Python objects (dict among them); numbers are accepted. Convert it, with "
            "np.asarray(X, dtype=float), say."
        ),
    ),
    (
        "complex",
        PLAIN,
        {"X": X + 1j},
        KindError,
        "X is of dtype complex64; real numbers are accepted. Convert it to float.",
    ),
    (
        "sparse",
        PLAIN,
        {"X": Sparse()},
        KindError,
        "X is sparse (Sparse), but no table; dense arrays and SciPy's sparse tables are accepted. Give X.toarray().",
    ),
    (
        "ragged",
        PLAIN,
        {"X": [[1, 2], [3]]},
        ShapeError,
        "X has rows of different lengths; each row must have the same. Mend the data.",
    ),
    (
        "dates",
        PLAIN,
        {"X": np.zeros((57, 5), "datetime64[s]")},
        KindError,
        "X is of dtype datetime64[s]; real numbers are accepted. Convert it to float.",
    ),
    ("y short", PLAIN, {"y": Y[:-1]}, ShapeError, "y has 56 rows, but X has 57. Give one for each row of X."),
    ("y 0d", PLAIN, {"y": 1}, ShapeError, "y has no rows, but X has 57. Give one for each row of X."),
    (
        "y 2d",
        PLAIN,
        {"y": np.zeros((57, 2))},
        ShapeError,
        ("y has shape (57, 2); a label for each row, shape (57,), or one-hot rows, shape (57, 3), are accepted."),
    ),
    (
        "range",
        PLAIN,
        {"y": Y + 1},
        DataError,
        (
            "y holds the label 3, but the network has 3 classes, 0 … 2. Give labels in that range, or "
            "name them with classes=[…]."
        ),
    ),
    (
        "neg",
        PLAIN,
        {"y": Y - 1},
        DataError,
        (
            "y holds the label -1, but the network has 3 classes, 0 … 2. Give labels in that range, or "
            "name them with classes=[…]."
        ),
    ),
    ("fraction", PLAIN, {"y": Y + 0.5}, DataError, "y holds the label 1.5, which is no class; 0 … 2 are accepted."),
    (
        "y texts",
        PLAIN,
        {"y": np.array(list("abc"))[Y]},
        DataError,
        (
            "y holds texts (['a', 'b', 'c']), but the network's classes have no names. Build it with "
            "classes=['a', 'b', 'c'], or give numbers 0 … 2."
        ),
    ),
    (
        "one class",
        PLAIN,
        {"y": Y * 0},
        DataError,
        (
            "y holds only one class (0); at least two are needed to learn to tell them apart. Give rows"
            " of other classes too."
        ),
    ),
    (
        "one class named",
        lambda: Network([5, 6, 3], classes=list("abc")),
        {"y": ["b"] * 57},
        DataError,
        (
            "y holds only one class ('b'); at least two are needed to learn to tell them apart. Give "
            "rows of other classes too."
        ),
    ),
    (
        "unknown name",
        lambda: Network([5, 6, 3], classes=list("abc")),
        {"y": ["d"] * 57},
        DataError,
        "y holds 'd', which is no class of the network. Its classes are ['a', 'b', 'c'].",
    ),
    (
        "y texts for numbers",
        lambda: Network([5, 6, 3], classes=[1, 2, 3]),
        {"y": ["d"] * 57},
        DataError,
        "y holds texts, but the network's classes are [1, 2, 3]. Give those.",
    ),
    (
        "not one-hot",
        PLAIN,
        {"y": np.ones((57, 3))},
        DataError,
        "y has 3 columns, so each row must be one-hot: a single 1, else 0. Mend the rows.",
    ),
    (
        "y ragged",
        PLAIN,
        {"y": [[1], [1, 2]]},
        ShapeError,
        "y has rows of different lengths; each row must have the same. Mend the data.",
    ),
    (
        "y None",
        PLAIN,
        {"y": [None] * 57},
        DataError,
        ("y holds nan in row 0 (counting from 0); finite numbers are accepted. Fill or drop such rows first."),
    ),
    (
        "mse shape",
        lambda: Network([5, 2], loss="mse"),
        {"y": X[:, :3]},
        ShapeError,
        ("y has shape (57, 3), but the network has 2 outputs. Give (57, 2), or build the network for what y holds."),
    ),
    (
        "mse text",
        lambda: Network([5, 1], loss="mse"),
        {"y": ["a"] * 57},
        KindError,
        "y holds texts; for the loss 'mse' numbers are accepted.",
    ),
    (
        "yesno 2",
        lambda: Network([5, 2], loss="binary_cross_entropy"),
        {"y": np.full((57, 2), 2)},
        DataError,
        "y must hold 0 or 1 for each of the 2 outputs; other values were given.",
    ),
    (
        "yesno",
        lambda: Network([5, 1], loss="binary_cross_entropy"),
        {"y": Y},
        DataError,
        (
            "y holds the label 2, but the network has 2 classes, 0 … 1. Give labels in that range, or "
            "name them with classes=[…]."
        ),
    ),
    ("epochs", PLAIN, {"epochs": 0}, SettingError, "epochs must be a whole number ≥ 1; 0 was given."),
    ("epochs f", PLAIN, {"epochs": 1.5}, KindError, "epochs must be a whole number, not float (1.5). Give an int ≥ 1."),
    ("bs", PLAIN, {"batch_size": 0}, SettingError, "batch_size must be a whole number ≥ 1; 0 was given."),
    (
        "bs s",
        PLAIN,
        {"batch_size": "64"},
        KindError,
        "batch_size must be a whole number, not str ('64'). Give an int ≥ 1.",
    ),
    ("lr", PLAIN, {"learning_rate": -1}, SettingError, "learning_rate must be a finite number ≥ 0; -1 was given."),
    (
        "lr n",
        PLAIN,
        {"learning_rate": np.nan},
        SettingError,
        "learning_rate must be a finite number ≥ 0; nan was given.",
    ),
    ("lr s", PLAIN, {"learning_rate": "fast"}, KindError, "learning_rate must be a number ≥ 0, not str ('fast')."),
    ("l2", PLAIN, {"l2": -1}, SettingError, "l2 must be a finite number ≥ 0; -1 was given."),
    (
        "opt",
        PLAIN,
        {"optimizer": "adm"},
        UnknownNameError,
        f"Unknown optimizer 'adm'. Accepted: {', '.join(OPTIMIZERS)}. Did you mean 'adam'?",
    ),
    (
        "opt class",
        PLAIN,
        {"optimizer": Adam},
        KindError,
        (
            f"The optimizer must be a name ({', '.join(OPTIMIZERS)}) or an optimiser such as Adam(beta_1=0.8), "
            "not the class Adam."
        ),
    ),
    (
        "sched",
        PLAIN,
        {"schedule": "cosin"},
        UnknownNameError,
        f"Unknown schedule 'cosin'. Accepted: {', '.join(SCHEDULES)}. Did you mean 'cosine'?",
    ),
    (
        "seed",
        PLAIN,
        {"seed": -1},
        SettingError,
        "The seed must lie in 0 … 18446744073709551615; -1 was given. Give an int such as 0.",
    ),
    (
        "seed s",
        PLAIN,
        {"seed": "x"},
        KindError,
        "The seed must be a whole number, not str ('x'). Give an int such as 0.",
    ),
    ("shuffle", PLAIN, {"shuffle": "no"}, KindError, "shuffle must be True or False, not str ('no')."),
    (
        "val 0",
        PLAIN,
        {"validation": 0.0},
        SettingError,
        (
            "validation must be a fraction between 0 and 1 that leaves rows on both sides; 0.0 of 57 "
            "rows is 0. Give 0.1, say, or a pair (X, y)."
        ),
    ),
    (
        "val 1",
        PLAIN,
        {"validation": 1.0},
        SettingError,
        (
            "validation must be a fraction between 0 and 1 that leaves rows on both sides; 1.0 of 57 "
            "rows is 57. Give 0.1, say, or a pair (X, y)."
        ),
    ),
    (
        "val tiny",
        PLAIN,
        {"validation": 0.001},
        SettingError,
        (
            "validation must be a fraction between 0 and 1 that leaves rows on both sides; 0.001 of 57 "
            "rows is 0. Give 0.1, say, or a pair (X, y)."
        ),
    ),
    (
        "val s",
        PLAIN,
        {"validation": "all"},
        KindError,
        "validation must be a fraction such as 0.1 or a pair (X, y), not str.",
    ),
    (
        "val bool",
        PLAIN,
        {"validation": True},
        KindError,
        "validation must be a fraction such as 0.1 or a pair (X, y), not bool.",
    ),
    (
        "val 3",
        PLAIN,
        {"validation": (X, Y, W)},
        KindError,
        ("validation must be a fraction such as 0.1 or a pair (X, y); a sequence of another length was given."),
    ),
    (
        "val shape",
        PLAIN,
        {"validation": (X[:, :2], Y)},
        ShapeError,
        ("the validation X has 2 columns, but the network has 5 inputs. Give 5 columns, or build the network for 2."),
    ),
    (
        "val y",
        PLAIN,
        {"validation": (X[:5], Y[:4])},
        ShapeError,
        "the validation y has 4 rows, but X has 5. Give one for each row of X.",
    ),
    (
        "val nan",
        PLAIN,
        {"validation": (nanx, Y)},
        DataError,
        (
            "the validation X holds nan in row 3, column 2 (counting from 0); finite numbers are "
            "accepted. Fill or drop such rows first."
        ),
    ),
    (
        "val lab",
        PLAIN,
        {"validation": (X, Y + 1)},
        DataError,
        (
            "the validation y holds the label 3, but the network has 3 classes, 0 … 2. Give labels in "
            "that range, or name them with classes=[…]."
        ),
    ),
    (
        "es",
        PLAIN,
        {"early_stopping": 3},
        SettingError,
        "early_stopping watches 'val_loss', but there is no validation. Give validation=0.1, say.",
    ),
    (
        "es 0",
        PLAIN,
        {"early_stopping": 0, "validation": 0.2},
        SettingError,
        "The patience of early stopping must be a whole number ≥ 1; 0 was given.",
    ),
    (
        "es s",
        PLAIN,
        {"early_stopping": "soon", "validation": 0.2},
        KindError,
        "early_stopping must be a number of epochs (its patience) or an EarlyStopping, not str.",
    ),
    (
        "es True",
        PLAIN,
        {"early_stopping": True, "validation": 0.2},
        KindError,
        "The patience of early stopping must be a whole number, not bool (True). Give an int ≥ 1.",
    ),
    (
        "sw shape",
        PLAIN,
        {"sample_weight": W[:5]},
        ShapeError,
        "sample_weight has shape (5,); a number for each row of X, shape (57,), is accepted.",
    ),
    (
        "sw neg",
        PLAIN,
        {"sample_weight": -W},
        DataError,
        "sample_weight holds -0.19223115042715255; numbers ≥ 0 are accepted.",
    ),
    (
        "sw 0",
        PLAIN,
        {"sample_weight": W * 0},
        DataError,
        "sample_weight is 0 for every row: nothing would be learnt. Give some rows a weight above 0.",
    ),
    (
        "sw nan",
        PLAIN,
        {"sample_weight": W * np.nan},
        DataError,
        (
            "sample_weight holds nan in row 0 (counting from 0); finite numbers are accepted. Fill or "
            "drop such rows first."
        ),
    ),
    (
        "sw text",
        PLAIN,
        {"sample_weight": ["a"] * 57},
        KindError,
        "sample_weight holds texts; numbers ≥ 0 are accepted.",
    ),
    (
        "cw s",
        PLAIN,
        {"class_weight": "equal"},
        SettingError,
        "class_weight must be 'balanced' or a dict of label: weight; 'equal' was given.",
    ),
    (
        "cw list",
        PLAIN,
        {"class_weight": [1, 2]},
        KindError,
        "class_weight must be 'balanced' or a dict of label: weight, not list.",
    ),
    (
        "cw label",
        PLAIN,
        {"class_weight": {7: 1}},
        DataError,
        (
            "class_weight holds the label 7, but the network has 3 classes, 0 … 2. Give labels in that "
            "range, or name them with classes=[…]."
        ),
    ),
    ("cw neg", PLAIN, {"class_weight": {1: -1}}, SettingError, "class_weight[1] must be a number ≥ 0; -1 was given."),
    (
        "cw text",
        PLAIN,
        {"class_weight": {"a": 1}},
        DataError,
        (
            "class_weight holds texts (['a']), but the network's classes have no names. Build it with "
            "classes=['a'], or give numbers 0 … 2."
        ),
    ),
    (
        "cw None",
        PLAIN,
        {"class_weight": {None: 1}},
        KindError,
        "class_weight is for the label None; texts and whole numbers are accepted.",
    ),
    ("cw w", PLAIN, {"class_weight": {1: "a"}}, SettingError, "class_weight[1] must be a number ≥ 0; 'a' was given."),
    (
        "cw mse",
        lambda: Network([5, 1], loss="mse"),
        {"y": X[:, 0], "class_weight": "balanced"},
        SettingError,
        "class_weight needs classes; the loss 'mse' with these outputs has none. Leave it out.",
    ),
    (
        "cw zero",
        PLAIN,
        {"class_weight": {0: 0, 1: 0, 2: 0}},
        DataError,
        "class_weight gives every row the weight 0: nothing would be learnt.",
    ),
    (
        "cb fn",
        PLAIN,
        {"callbacks": print},
        KindError,
        (
            "callbacks must be a list of functions of (event, run); <built-in function print> was "
            "given. Give [function], say, or [] for none."
        ),
    ),
    (
        "cb None",
        PLAIN,
        {"callbacks": None},
        KindError,
        (
            "callbacks must be a list of functions of (event, run); None was given. Give [function], "
            "say, or [] for none."
        ),
    ),
    (
        "cb 3",
        PLAIN,
        {"callbacks": [3]},
        KindError,
        ("callbacks must be a list of functions of (event, run); [3] was given. Give [function], say, or [] for none."),
    ),
    ("threads 0", PLAIN, {"threads": 0}, SettingError, "threads must be a whole number ≥ 1; 0 was given."),
    (
        "threads s",
        PLAIN,
        {"threads": "all"},
        KindError,
        "threads must be a whole number, not str ('all'). Give an int ≥ 1.",
    ),
]

BUILDS: list[tuple[str, Any, dict[str, Any], type[PellucidError], str]] = [
    (
        "act",
        [5, 6, 3],
        {"activation": "rellu"},
        UnknownNameError,
        f"Unknown activation 'rellu'. Accepted: {', '.join(ACTIVATIONS)}. Did you mean 'relu'?",
    ),
    (
        "act list",
        [5, 6, 3],
        {"activation": ["relu"]},
        UnknownNameError,
        f"Unknown activation ['relu']. Accepted: {', '.join(ACTIVATIONS)}. Did you mean 'relu'?",
    ),
    (
        "loss",
        [5, 6, 3],
        {"loss": "hinge"},
        UnknownNameError,
        f"Unknown loss 'hinge'. Accepted: {', '.join(LOSSES)}.",
    ),
    (
        "init",
        [5, 6, 3],
        {"initializer": "xavier"},
        UnknownNameError,
        "Unknown initializer 'xavier'. Accepted: column, glorot, he, lecun, orthogonal, zeros.",
    ),
    (
        "dtype",
        [5, 6, 3],
        {"dtype": "float16"},
        UnknownNameError,
        "Unknown dtype 'float16'. Accepted: float32, float64. Did you mean 'float64'?",
    ),
    (
        "seed",
        [5, 6, 3],
        {"seed": 1.5},
        KindError,
        "The seed must be a whole number, not float (1.5). Give an int such as 0.",
    ),
    (
        "short",
        [5],
        {},
        SettingError,
        (
            "The layers must be a list of at least 2: the number of inputs and the output layer; [5] "
            "was given. Give [784, 32, 10], say."
        ),
    ),
    (
        "int",
        5,
        {},
        SettingError,
        (
            "The layers must be a list of at least 2: the number of inputs and the output layer; 5 was "
            "given. Give [784, 32, 10], say."
        ),
    ),
    (
        "text",
        "5,3",
        {},
        SettingError,
        (
            "The layers must be a list of at least 2: the number of inputs and the output layer; '5,3' "
            "was given. Give [784, 32, 10], say."
        ),
    ),
    ("width 0", [5, 0, 3], {}, SettingError, "The width of a layer must be a whole number ≥ 1; 0 was given."),
    (
        "width f",
        [5, 2.5, 3],
        {},
        KindError,
        "The width of a layer must be a whole number, not float (2.5). Give an int ≥ 1.",
    ),
    (
        "drop last",
        [5, 3, Dropout(0.1)],
        {},
        SettingError,
        ("The last layer must be the output layer, a whole number or a Dense; Dropout(rate=0.1) was given."),
    ),
    (
        "drop first",
        [Dropout(0.1), 3],
        {},
        SettingError,
        "The first of the layers must be the number of inputs; Dropout(rate=0.1) was given.",
    ),
    ("inputs 0", [0, 3], {}, SettingError, "The number of inputs must be a whole number ≥ 1; 0 was given."),
    (
        "one class",
        [5, 1],
        {},
        SettingError,
        (
            "The loss 'cross_entropy' needs an output for each of at least 2 classes; 1 was given. For "
            "yes or no give loss='binary_cross_entropy', for a number loss='mse'."
        ),
    ),
    (
        "softmax",
        [5, Dense(3, "sigmoid")],
        {},
        SettingError,
        (
            "The loss 'cross_entropy' contains its own output function, so the output layer's "
            "activation must be 'identity'; 'sigmoid' was given. Leave it out."
        ),
    ),
    (
        "classes n",
        [5, 6, 3],
        {"classes": ["a", "b"]},
        SettingError,
        "The names of classes or targets must be 3 different names; 2 were given, 2 of them different.",
    ),
    (
        "classes dup",
        [5, 6, 3],
        {"classes": ["a", "b", "a"]},
        SettingError,
        "The names of classes or targets must be 3 different names; 3 were given, 2 of them different.",
    ),
    (
        "classes mix",
        [5, 6, 3],
        {"classes": ["a", 1, 2]},
        KindError,
        "The names of classes or targets must be all texts or all whole numbers; ['a', 1, 2] was given.",
    ),
    (
        "classes mse",
        [5, 6, 3],
        {"loss": "mse", "classes": list("abc")},
        SettingError,
        "classes belong to losses for classes, not to 'mse'. Give targets instead.",
    ),
    (
        "targets ce",
        [5, 6, 3],
        {"targets": list("abc")},
        SettingError,
        "targets belong to losses for values, not to 'cross_entropy'. Give classes instead.",
    ),
    (
        "features",
        [5, 6, 3],
        {"features": ["a"]},
        SettingError,
        "features must be 5 different names; 1 were given, 1 of them different.",
    ),
    (
        "scale 0",
        [5, 6, 3],
        {"input_scale": 0.0},
        SettingError,
        "input_scale must not be 0: the input would be lost. Give 1.0 for no scaling.",
    ),
    (
        "scale n",
        [5, 6, 3],
        {"input_scale": [1, 2]},
        SettingError,
        "input_scale must be a finite number or 5 of them; [1, 2] was given.",
    ),
    (
        "scale nan",
        [5, 6, 3],
        {"input_scale": np.nan},
        SettingError,
        "input_scale must be a finite number or 5 of them; nan was given.",
    ),
    (
        "shift s",
        [5, 6, 3],
        {"input_shift": "x"},
        SettingError,
        "input_shift must be a finite number or 5 of them; 'x' was given.",
    ),
    (
        "scale None",
        [5, 6, 3],
        {"input_scale": None},
        SettingError,
        "input_scale must be a finite number or 5 of them; None was given.",
    ),
]


def state(net: Network) -> tuple[bytes, object, int]:
    return net.parameters.tobytes(), net.spec, net.seed


def check_built_in(error: Exception) -> None:
    """Fail unless the error is also one of Python's own."""
    assert isinstance(error, (ValueError, TypeError))
    assert str(error).endswith((".", "?"))


@pytest.mark.parametrize(("make", "given", "error", "message"), [case[1:] for case in FITS], ids=[c[0] for c in FITS])
def test_fit(make: Callable[[], Network], given: dict[str, Any], error: type[PellucidError], message: str) -> None:
    """Training on what cannot be used is refused before a single bit of the network has changed."""
    net = make()
    before = state(net)
    arguments = {"X": X, "y": Y, "epochs": 1, **given}
    for verb in (net.fit, net.start):
        with pytest.raises(error) as raised:
            verb(**arguments)
        assert error is type(raised.value)
        assert message == str(raised.value)
        check_built_in(raised.value)
        assert before == state(net)


@pytest.mark.parametrize(
    ("layers", "given", "error", "message"), [case[1:] for case in BUILDS], ids=[c[0] for c in BUILDS]
)
def test_build(layers: Any, given: dict[str, Any], error: type[PellucidError], message: str) -> None:
    """A network that cannot be is not built."""
    with pytest.raises(error) as raised:
        Network(layers, **given)
    assert error is type(raised.value)
    assert message == str(raised.value)
    check_built_in(raised.value)


@pytest.mark.parametrize("rate", [1.0, -0.1, "a", None, float("nan")])
def test_dropout_rates(rate: Any) -> None:
    """A rate outside 0 ≤ rate < 1 is refused."""
    with pytest.raises(SettingError) as error:
        Dropout(rate)
    assert f"The rate of Dropout must be a number ≥ 0 and < 1; {rate!r} was given. A usual value is 0.1." == str(
        error.value
    )


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (
            lambda net: net.predict(X[:, :2]),
            ShapeError,
            "X has 2 columns, but the network has 5 inputs. Give 5 columns",
        ),
        (lambda net: net.predict_proba([]), ShapeError, "X has shape (0,); (rows, 5) is accepted."),
        (lambda net: net.predict(nanx), DataError, "X holds nan in row 3, column 2 (counting from 0); finite numbers"),
        (lambda net: net.evaluate(X, Y[:3]), ShapeError, "y has 3 rows, but X has 57. Give one for each row of X."),
        (lambda net: net.score(X, Y + 5), DataError, "y holds the label 6, but the network has 3 classes, 0 … 2."),
        (lambda net: net.predict(X, threads=-1), SettingError, "threads must be a whole number ≥ 1; -1 was given."),
        (lambda net: net.loss_and_gradient(X, Y, l2=-1), SettingError, "l2 must be a finite number ≥ 0; -1 was given."),
        (lambda net: net.loss_and_gradient(X, Y, sample_weight=W[1:]), ShapeError, "sample_weight has shape (56,); a"),
        (lambda net: net.start(X, Y).advance(-1), SettingError, "steps must be a whole number ≥ 0; -1 was given."),
        (lambda net: net.start(X, Y).advance(1.5), KindError, "steps must be a whole number, not float (1.5). Give an"),
        (
            lambda net: net.start(X, Y).at("x"),
            KindError,
            "step must be a whole number, not str ('x'). Give an int ≥ 0.",
        ),
        (lambda net: net.start(X, Y).edit(learning_rate=-1), SettingError, "learning_rate must be a finite number ≥ 0"),
    ],
)
def test_use(use: Callable[[Network], object], error: type[PellucidError], message: str) -> None:
    """Using a network on what cannot be used is refused, and changes nothing."""
    net = PLAIN()
    before = state(net)
    with pytest.raises(error) as raised:
        use(net)
    assert message == str(raised.value)[: len(message)]
    check_built_in(raised.value)
    assert before == state(net)


def test_a_network_that_is_not_finite() -> None:
    """A run does not start from NaN."""
    net = PLAIN()
    net.parameters[0] = np.nan
    with pytest.raises(SettingError) as error:
        net.start(X, Y)
    assert "The network holds NaN or infinity, so no step would be finite. Set finite weights first." == str(
        error.value
    )


def test_the_table_is_long_enough() -> None:
    """What people get wrong is many things."""
    assert len(FITS) + len(BUILDS) >= 90


def test_scale_that_contradicts_the_data() -> None:
    """Bytes without a scale, and floats that were scaled before, are warned of; blank or small plain data are not."""
    from pellucid.errors import ScaleWarning

    with pytest.warns(
        ScaleWarning, match=r"^X reaches 200 after the network's scaling; .*Build the network with an inp"
    ):
        PLAIN().predict(np.full((2, 5), 200, np.uint8))
    scaled = Network([5, 3], input_scale=1 / 255)
    with pytest.warns(
        ScaleWarning, match=r"^X is at most 0\.0039\d+ after the network's scaling by 0\.003922; was it sca"
    ):
        scaled.predict(np.ones((2, 5)))
    scaled.predict(np.ones((2, 5), np.uint8))
    scaled.predict(np.zeros((2, 5)))
    PLAIN().predict(np.full((2, 5), 0.001))
