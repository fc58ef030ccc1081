"""Models of PyTorch's: in, out, and there and back again."""

from __future__ import annotations

import builtins
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from files.foreign import HUNDRED, KINDS, difference, kinds_of, outputs, random_network, random_rows
from pellucid import Dense, Dropout, Network
from pellucid.core import Activation
from pellucid.errors import KindError, MissingLibraryError, SettingError, ShapeError, UnknownNameError

Judge = Callable[[str], Any]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda nn: nn.Identity(),
    "sigmoid": lambda nn: nn.Sigmoid(),
    "tanh": lambda nn: nn.Tanh(),
    "relu": lambda nn: nn.ReLU(),
    "leaky_relu": lambda nn: nn.LeakyReLU(),
    "elu": lambda nn: nn.ELU(),
    "selu": lambda nn: nn.SELU(),
    "gelu": lambda nn: nn.GELU(),
    "silu": lambda nn: nn.SiLU(),
    "softplus": lambda nn: nn.Softplus(),
}
ENDS: list[Callable[[Any], list[Any]]] = [lambda nn: [nn.Softmax(dim=1)], lambda nn: [nn.Sigmoid()], lambda nn: []]


LIMITS = {"float32": 1e-5, "float64": 1e-8}  # PyTorch's softplus is z from z = 20 on


def random_model(torch: Any, seed: int) -> tuple[Any, int, str]:
    """Return a Sequential of any depth, norms wherever they may stand, its number of inputs and its number type."""
    nn, random = torch.nn, np.random.default_rng(seed)
    torch.manual_seed(seed)
    made, dtype = list(ACTIVATIONS.values()), ("float32", "float64")[seed % 2]
    width = n_in = int(random.integers(1, 9))

    def some(chance: float, module: Any) -> list[Any]:
        return [module] if random.random() < chance else []

    row = [*some(0.3, nn.Flatten()), *some(0.3, nn.BatchNorm1d(width))]
    for depth in range(random.integers(0, 5)):
        n_out = int(random.integers(1, 12))
        block = [
            nn.Linear(width, n_out, bias=random.random() < 0.8),
            *some(0.4, nn.BatchNorm1d(n_out, affine=random.random() < 0.8)),
            *some(0.2, nn.Dropout(0.3)),
            made[(seed + depth) % len(made)](nn),
            *some(0.3, nn.BatchNorm1d(n_out)),
            *some(0.3, nn.Dropout(0.5)),
            *some(0.1, nn.Tanh()),
        ]
        row += [nn.Sequential(*block)] if random.random() < 0.3 else block
        width = n_out
    least = 1 if seed % 3 else 2  # a softmax is over several
    model = nn.Sequential(*row, nn.Linear(width, int(random.integers(least, 5))), *ENDS[seed % 3](nn))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.1, 3.0)
            if module.affine:
                nn.init.normal_(module.weight)
                nn.init.normal_(module.bias)
    return model.to(getattr(torch, dtype)), n_in, dtype


def its_outputs(torch: Any, model: Any, X: Any) -> Any:
    """Return what a model gives for rows, in evaluation mode."""
    was = model.training
    with torch.no_grad():
        found = model.eval()(torch.tensor(X)).numpy()
    model.train(was)
    return found


@pytest.mark.parametrize("seed", HUNDRED)
def test_a_model_comes_in_and_goes_back(judge: Judge, seed: int) -> None:
    """A random model's outputs are the network's, and those of the model that is made of the network."""
    torch = judge("torch")
    model, width, dtype = random_model(torch, seed)
    X = random_rows(seed, width, dtype)
    expected = its_outputs(torch, model, X)
    net = Network.of(model)
    assert dtype == net.spec.dtype
    assert difference(expected, outputs(net, X)) < LIMITS[net.spec.dtype]
    assert difference(expected, its_outputs(torch, net.to_torch(), X)) < LIMITS[net.spec.dtype]


@pytest.mark.parametrize("seed", HUNDRED)
def test_a_network_goes_out_and_comes_back(judge: Judge, seed: int) -> None:
    """A random network comes back with the same spec and the same bits, and meanwhile gives the same outputs."""
    torch = judge("torch")
    net = random_network(seed)
    X = random_rows(seed, net.spec.input.width, net.spec.dtype)
    model = net.to_torch()
    assert difference(outputs(net, X), its_outputs(torch, model, X)) < LIMITS[net.spec.dtype]
    assert net.spec == Network.of(model, loss=net.spec.loss).spec
    back = Network.of(model)
    assert net.fingerprint == back.fingerprint
    assert difference(outputs(net, X), outputs(back, X)) < LIMITS[net.spec.dtype]


def test_all_kinds_of_outputs_are_among_the_hundred(judge: Judge) -> None:
    """One probability and several, one value and several, and classes: of models, and of networks."""
    torch = judge("torch")
    assert kinds_of(Network.of(random_model(torch, seed)[0]).spec for seed in HUNDRED) == KINDS
    assert kinds_of(random_network(seed).spec for seed in HUNDRED) == KINDS


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_the_same(judge: Judge, name: str) -> None:
    """PyTorch's function is ours, far from 0, too."""
    torch = judge("torch")
    X = np.linspace(-30, 30, 241).reshape(-1, 1)
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), ACTIVATIONS[name](torch.nn), torch.nn.Linear(1, 1)).double()
    net = Network.of(model)
    assert name == net.spec.dense[0].activation
    assert difference(its_outputs(torch, model, X), outputs(net, X)) < 1e-8


def test_weights_and_names_are_kept(judge: Judge) -> None:
    """Without batch norm each weight is the model's to the last bit; names are those given."""
    nn = judge("torch").nn
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Softmax(dim=-1))
    net = Network.of(model, classes=["no", "yes"], features=["a", "b", "c"])
    np.testing.assert_array_equal(model[0].weight.detach().numpy(), net["layer_1"].weights)
    assert ("a", "b", "c") == net.spec.input.features
    assert {"no", "yes"} >= set(net.predict(np.eye(3)))


def test_what_leaves_softmax_to_its_loss_says_so(judge: Judge) -> None:
    """With loss="cross_entropy" a model that ends in sums is one that tells classes apart."""
    torch = judge("torch")
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU())
    X = random_rows(0, 3, "float32")
    expected = torch.softmax(torch.tensor(its_outputs(torch, model, X)), dim=1).numpy()
    assert difference(expected, Network.of(model, loss="cross_entropy").predict_proba(X)) < 1e-6


def test_a_network_takes_bytes_there_too(judge: Judge) -> None:
    """The scaling of the inputs is within the model, exactly, and bytes may be given as bytes."""
    torch = judge("torch")
    net = Network([4, 8, 3], input_scale=1 / 255, seed=3)
    X = np.random.default_rng(0).integers(0, 256, (16, 4), dtype=np.uint8)
    model = net.to_torch()
    assert difference(net.predict_proba(X), its_outputs(torch, model, X)) < 1e-6
    assert 1 / 255 == Network.of(model).spec.input.scale
    assert 1 / 255 == Network.of(model.double()).spec.input.scale
    model.input_scaled.scale.fill_(0.5)
    assert Network.of(model).spec.input.scale == 0.5


def test_logits_leave_the_softmax_off(judge: Judge) -> None:
    """The model then gives what PyTorch's losses want, and comes back as the same network with its loss."""
    torch = judge("torch")
    net = Network([3, 5, 4], seed=1)
    X = random_rows(0, 3, "float32")
    model = net.to_torch(logits=True)
    logits = torch.tensor(its_outputs(torch, model, X))
    assert difference(net.predict_proba(X), torch.softmax(logits, dim=1).numpy()) < 1e-6
    assert net.spec == Network.of(model, loss="cross_entropy").spec


def test_it_goes_on_training_there(judge: Judge) -> None:
    """The model's weights are its own, and PyTorch's optimisers reach all of them; then it comes back."""
    torch = judge("torch")
    net = Network([3, 5, Dropout(0.2), 4], seed=1)
    before, model = net.fingerprint, net.to_torch(logits=True)
    optimizer = torch.optim.SGD(model.train().parameters(), lr=0.1)
    X = torch.tensor(random_rows(0, 3, "float32"))
    torch.nn.CrossEntropyLoss()(model(X), torch.arange(16) % 4).backward()
    optimizer.step()
    assert before == net.fingerprint != Network.of(model, loss="cross_entropy").fingerprint
    assert net.n_parameters == sum(weights.numel() for weights in model.parameters())


def test_a_model_in_training_mode_uses_running_statistics(judge: Judge) -> None:
    """In whichever mode it is, the network is that of its evaluation mode, and the model's mode stays."""
    torch = judge("torch")
    model, width, dtype = random_model(torch, 0)
    X = random_rows(0, width, dtype)
    net = Network.of(model.train())
    assert model.training
    assert difference(its_outputs(torch, model, X), outputs(net, X)) < 1e-5


def test_a_module_that_stands_twice_counts_twice(judge: Judge) -> None:
    """The same Linear may be used in two places; the network has it as two layers."""
    torch = judge("torch")
    linear, tanh = torch.nn.Linear(3, 3), torch.nn.Tanh()
    model = torch.nn.Sequential(linear, tanh, linear, tanh)
    X = random_rows(0, 3, "float32")
    net = Network.of(model)
    assert len(net) == 2
    assert difference(its_outputs(torch, model, X), outputs(net, X)) < 1e-6


def test_half_precision_becomes_float32(judge: Judge) -> None:
    """Weights of bfloat16 are held exactly."""
    torch = judge("torch")
    model = torch.nn.Sequential(torch.nn.Linear(3, 2)).to(torch.bfloat16)
    net = Network.of(model)
    assert net.spec.dtype == "float32"
    np.testing.assert_array_equal(model[0].weight.detach().float().numpy(), net["output"].weights)


def test_models_made_of_networks_are_pickled(judge: Judge) -> None:
    """They come back as they were, scaling included."""
    judge("torch")
    net = Network([2, 3, 2], input_shift=[0.1, 0.2], loss="poisson")
    assert net.spec == Network.of(pickle.loads(pickle.dumps(net.to_torch()))).spec


def test_a_state_dict_needs_its_activation(judge: Judge) -> None:
    """With it, weights and scaling come back; of a float32 model the scaling as it was rounded."""
    nn = judge("torch").nn
    net = Network([4, Dense(8, "tanh"), Dense(5, "gelu"), 3], input_scale=1 / 255, dtype="float64", seed=3)
    state = net.to_torch().state_dict()
    with pytest.raises(SettingError, match="activation='relu', or a list of 2"):
        Network.of(state)
    with pytest.raises(SettingError, match="one for each of the 2 hidden layers; 1 were given"):
        Network.of(state, activation=["relu"])
    with pytest.raises(UnknownNameError, match="rellu"):
        Network.of(state, activation="rellu")
    assert net.spec == Network.of(state, activation=["tanh", "gelu"], loss="cross_entropy").spec
    assert net.fingerprint == Network.of(state, activation="relu").fingerprint
    assert Network.of(nn.Linear(3, 2, bias=False).state_dict()).spec.shapes == ((2, 3),)


def test_state_dicts_of_other_layers_are_refused(judge: Judge) -> None:
    """Nothing is guessed of batch norm, convolutions and the like: the layer is named."""
    nn = judge("torch").nn
    for model, named in (
        (nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)), r"layer '1' \(weight \(3,\)"),
        (nn.Sequential(nn.Conv2d(1, 2, 3)), r"layer '0' \(weight \(2, 1, 3, 3\)"),
        (nn.Sequential(nn.LSTM(2, 3)), "weight_ih_l0"),
    ):
        with pytest.raises(KindError, match=named):
            Network.of(model.state_dict(), activation="relu")
    with pytest.raises(ShapeError, match="follow 3 numbers"):
        Network.of(nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1)).state_dict(), activation="relu")


def refused(nn: Any) -> dict[str, tuple[Any, str]]:
    """Return models that cannot be represented, and how the part at fault is named."""

    class Own(nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return x * 2

    class OwnOrder(nn.Sequential):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return self[0](x) * 2

    hooked = nn.Sequential(nn.Linear(2, 2))
    hooked[0].register_forward_hook(lambda module, given, out: out * 2)
    replaced, called = nn.Sequential(nn.Linear(2, 2), nn.ReLU()), nn.Sequential(nn.Linear(2, 2))
    replaced[1].forward = abs
    called[0]._call_impl = abs
    whole = nn.Sequential(nn.Linear(2, 2))
    whole.forward = abs

    class OwnCall(nn.Sequential):  # type: ignore[misc, name-defined]
        def __call__(self, x: Any) -> Any:
            return super().__call__(x) * 2

    class OwnRow(nn.Sequential):  # type: ignore[misc, name-defined]
        def __iter__(self) -> Any:
            return reversed(list(super().__iter__()))

    linear, normed = nn.Linear(2, 2), nn.utils.parametrizations.weight_norm(nn.Linear(2, 2))
    return {
        "a convolution": (nn.Sequential(nn.Conv1d(1, 1, 1)), "Conv1d '0'"),
        "recurrence": (nn.LSTM(2, 2), "LSTM"),
        "nested": (nn.Sequential(linear, nn.Sequential(nn.PReLU())), "PReLU '1.0'"),
        "another slope": (nn.Sequential(linear, nn.LeakyReLU(0.2)), "LeakyReLU '1' has negative_slope=0.2"),
        "another alpha": (nn.Sequential(linear, nn.ELU(0.5)), "ELU '1' has alpha=0.5"),
        "another beta": (nn.Sequential(linear, nn.Softplus(2)), "Softplus '1' has beta=2"),
        "gelu by tanh": (nn.Sequential(linear, nn.GELU("tanh")), "GELU '1' has approximate='tanh'"),
        "softmax over rows": (nn.Sequential(linear, nn.Softmax(0)), "Softmax '1' has dim=0"),
        "softmax within": (nn.Sequential(linear, nn.Softmax(1), linear), "Softmax '1' between its layers"),
        "log softmax": (nn.Sequential(linear, nn.LogSoftmax(1)), r"LogSoftmax '1'.*loss='cross_entropy'"),
        "layer norm": (nn.Sequential(linear, nn.LayerNorm(2)), "LayerNorm '1'"),
        "no statistics": (
            nn.Sequential(linear, nn.BatchNorm1d(2, track_running_stats=False)),
            "BatchNorm1d '1' keeps no",
        ),
        "alpha dropout": (nn.Sequential(linear, nn.AlphaDropout()), "AlphaDropout '1'"),
        "flatten in part": (nn.Sequential(nn.Flatten(2), linear), "Flatten '0' has start_dim=2"),
        "its own": (nn.Sequential(linear, Own()), r"Own '1'.*torch.nn.Sequential"),
        "its own order": (OwnOrder(linear), "OwnOrder"),
        "hooks": (hooked, "Linear '0' has hooks"),
        "a replaced forward": (replaced, r"ReLU '1' has a forward of its own.*del layer\.forward"),
        "a replaced call": (called, "Linear '0' has a _call_impl of its own"),
        "a replaced forward of the whole": (whole, "Sequential has a forward of its own"),
        "its own call": (nn.Sequential(OwnCall(linear)), "OwnCall '0' is of a kind whose __call__"),
        "its own row": (OwnRow(linear), "OwnRow is of a kind whose __iter__"),
        "no weights yet": (nn.Sequential(nn.LazyLinear(3)), "LazyLinear '0' has no weights yet.*on a row of data"),
        "parametrised": (nn.Sequential(normed), "ParametrizedLinear '0'"),
        "nothing": (nn.Sequential(nn.ReLU()), "no Linear"),
    }


def test_what_cannot_be_represented_is_refused_by_name(judge: Judge) -> None:
    """Each error names the part, and what to do."""
    for what, (model, named) in refused(judge("torch").nn).items():
        with pytest.raises((KindError, SettingError), match=named):
            pytest.fail(f"{what} was taken: {Network.of(model)}")


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning", "ignore:.torch.jit:FutureWarning")
def test_compiled_models_are_refused_by_name(judge: Judge) -> None:
    """They do not tell what they are made of; the model before does."""
    torch = judge("torch")
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    for compiled, named in (
        (torch.jit.script(model), "RecursiveScriptModule is compiled by torch.jit.*state_dict"),
        (torch.jit.trace(model, torch.zeros(1, 2)), "TopLevelTracedModule is compiled by torch.jit"),
        (torch.nn.Sequential(torch.jit.script(model)), "RecursiveScriptModule '0' is compiled"),
        (torch.compile(model), r"OptimizedModule is compiled by torch\.compile"),
    ):
        with pytest.raises(KindError, match=named):
            Network.of(compiled)
    assert Network.of(torch.jit.script(model).state_dict()).spec.shapes == ((3, 2),)
    model.compile()  # in place, where it still tells
    assert Network.of(model).spec.shapes == ((3, 2),)


def test_a_lazy_layer_is_taken_once_it_has_run(judge: Judge) -> None:
    """The first row makes its weights."""
    torch = judge("torch")
    model = torch.nn.Sequential(torch.nn.LazyLinear(3))
    with pytest.raises(SettingError, match=r"'0\.weight' has no numbers yet.*on a row of data"):
        Network.of(model.state_dict())
    model(torch.zeros(1, 2))
    assert Network.of(model).spec.shapes == ((3, 2),)


def test_what_is_said_must_fit(judge: Judge) -> None:
    """A loss, names or an activation that contradict the model are refused."""
    nn = judge("torch").nn
    softmax = nn.Sequential(nn.Linear(2, 3), nn.Softmax(1))
    for model, said, message in (
        (softmax, {"loss": "mse"}, "ends in Softmax '1'.*'mse' was given"),
        (softmax, {"activation": "relu"}, "belongs to state dicts"),
        (softmax, {"targets": ["a", "b", "c"]}, "Give classes instead"),
        (softmax, {"classes": ["a", "b"]}, "3 different names"),
        (nn.Linear(2, 3), {"classes": ["a", "b", "c"]}, "loss='cross_entropy' too"),
    ):
        with pytest.raises(SettingError, match=message):
            Network.of(model, **said)


def test_networks_with_what_is_ones_own_stay(judge: Judge) -> None:
    """An activation of one's own is refused by its name."""
    judge("torch")
    sine = Activation("sine", np.sin, lambda Z, A: np.cos(Z))
    with pytest.raises(SettingError, match="'sine' is of your own"):
        Network([2, Dense(3, sine), 2]).to_torch()


def test_without_pytorch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyTorch is missing, only what needs it fails."""
    importing = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pellucid.files._torch_modules":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return importing(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingLibraryError, match="pip install torch"):
        Network([2, 2]).to_torch()


def test_what_tells_itself_takes_no_more() -> None:
    """Of a network or an estimator, loss and names are its own."""
    with pytest.raises(SettingError, match="a Network was given, which tells them itself"):
        Network.of(Network([2, 2]), loss="mse")
    with pytest.raises(KindError, match=r"made of a dict; .* PyTorch are accepted"):
        Network.of({"layer": 1})
