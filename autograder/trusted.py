"""A model rebuilt from what a student's process says of it.

It says a configuration and weights. The configuration may only name classes
of Keras and of the course that are known to be data and mathematics; then the
rebuilt model is as good as the instructor's own: its parameters, shapes and
values can be believed.
"""

import functools
import importlib
import inspect
import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

import course.activations
import course.initializers
import course.layers
from autograder.remote import Link, Remote, StudentError
from course import checks
from course.catalogue import outlined

MAX_LAYERS = 3000
MAX_DEPTH = 64
MAX_INTEGER = 2**24
# Layers that run code, or read files, that a configuration names.
_CLOSED_LAYERS = {
    *("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"),
    *("StringLookup", "IntegerLookup", "TextVectorization", "Pipeline"),
}
_OPEN_OPERATIONS = ("einops", "image", "linalg", "math", "nn", "numpy")
_OPEN_CORE = {
    *("Cast", "ConvertToTensor", "Shape", "Slice", "SliceUpdate"),
    "StopGradient",
}
_OPEN_MODULES = (
    *("keras.initializers", "keras.regularizers", "keras.constraints"),
)
_MODELS = {
    ("keras.src.models.functional", "Functional"),
    ("keras", "Functional"),
    ("keras.models", "Functional"),
    ("keras", "Sequential"),
    ("keras.models", "Sequential"),
}
_PLAIN = ("__keras_tensor__", "__numpy__", "__slice__", "__ellipsis__")


def use_remote_builder(link: Link) -> None:
    """Have `course.checks.build` ask the student's process for blocks."""

    def build(
        block: Any, input_shape: Any, arguments: dict[str, Any]
    ) -> keras.Model:
        if type(block) is not Remote:
            return checks.build_locally(block, input_shape, arguments)
        bare = outlined()
        match link.request("build", block, input_shape, arguments, bare):
            case (str(text), list(weights)):
                return outline(text) if bare else rebuilt(text, weights)
        raise StudentError("the answer's process sent no model")

    checks.use_builder(build)


def outline(text: str) -> keras.Model:
    """The model that configuration `text` describes, without weights.

    Raises:
        StudentError: A class in it is not allowed, or it describes no model.
    """
    return _rebuilt(text, _outlined)


def rebuilt(text: str, weights: list[np.ndarray]) -> keras.Model:
    """The model that configuration `text` describes, with `weights`.

    Raises:
        StudentError: A class in it is not allowed, it describes no model, or
            the weights are not those of the model.
    """
    return _rebuilt(text, functools.partial(_built, weights=weights))


def _rebuilt(text: str, build: Callable[[dict], keras.Model]) -> keras.Model:
    """What `build` makes of the configuration `text`, if all in it is open."""
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudentError("the model's configuration is no JSON") from error
    _check(config, 0)
    if _class_of(config) not in _MODELS:
        raise StudentError("a model that is no functional Keras model")
    if (layers := text.count('"inbound_nodes"')) > MAX_LAYERS:
        raise StudentError(f"a model of {layers} layers")
    try:
        return build(config)
    except Exception as error:
        keras.utils.clear_session()  # forget what was never allocated
        raise StudentError(
            f"the model cannot be built again: {str(error)[:300]}"
        ) from error


def _outlined(config: dict) -> keras.Model:
    """Build without allocating."""
    with keras.StatelessScope(initialize_variables=False):
        return keras.saving.deserialize_keras_object(config, safe_mode=True)


def _built(config: dict, weights: list[np.ndarray]) -> keras.Model:
    """Build without allocating until the weights are known to fit."""
    model = _outlined(config)
    shapes = [tuple(weight.shape) for weight in model.weights]
    if shapes != [weight.shape for weight in weights]:
        raise ValueError("its weights have other shapes than its layers")
    for weight in model.weights:
        # random ones would be replaced; on JAX each shape costs a second
        weight._initializer = keras.initializers.Zeros()
    with keras.StatelessScope():
        pass  # leaving it allocates
    model.set_weights(weights)
    return model


def _check(config: Any, depth: int) -> None:
    """Raise unless everything in `config` is open data."""
    if depth > MAX_DEPTH:
        raise StudentError("a model that is nested too deep")
    if type(config) is int and abs(config) > MAX_INTEGER:
        raise StudentError(f"a model with the number {config:.6g} in it")
    if type(config) is list:
        for item in config:
            _check(item, depth + 1)
    if type(config) is dict:
        if "class_name" in config:
            _check_class(config)
        if config.get("compile_config") or "custom_objects" in config:
            raise StudentError("a model with more than layers and weights")
        for item in config.values():
            _check(item, depth + 1)


def _check_class(config: dict) -> None:
    module, name = _class_of(config)
    registered = config.get("registered_name")
    if module is None and name in _PLAIN:
        return
    known = _course_classes()
    if registered in known and name == known[registered]:
        return
    is_open = (module, name) in _MODELS or (module, name) in _open_classes()
    if name == "function":
        is_open = _is_open_function(config)
    if not is_open or registered not in (None, name, config.get("config")):
        raise StudentError(
            f"the model contains {str(name)[:60]!r}, which cannot be built "
            "again where it is judged; use layers and operations of Keras and "
            "of the course"
        )


def _class_of(config: Any) -> tuple[str | None, str]:
    if type(config) is not dict:
        raise StudentError("the model's configuration is no model's")
    module, name = config.get("module"), config.get("class_name")
    if type(name) is not str or type(module) not in (str, type(None)):
        raise StudentError("the model's configuration is no model's")
    return module, name


def _is_open_function(config: dict) -> bool:
    name = config.get("config")
    if type(name) is str and name in _course_functions():
        return config.get("module") == "builtins"
    return (
        config.get("module") in ("builtins", "keras.activations")
        and type(name) is str
        and inspect.isfunction(getattr(keras.activations, name, None))
        and name not in ("get", "serialize", "deserialize")
    )


@functools.cache
def _course_classes() -> dict[str, str]:
    """Registered name -> class name, of layers and initializers."""
    return {
        registered: kind.__name__
        for module in (course.layers, course.initializers)
        for kind in vars(module).values()
        if inspect.isclass(kind)
        if (registered := _registered(kind))
    }


@functools.cache
def _course_functions() -> frozenset[str]:
    """Registered names of activations."""
    functions = filter(inspect.isfunction, vars(course.activations).values())
    return frozenset(filter(None, map(_registered, functions)))


def _registered(kind: Any) -> str | None:
    """The name that a configuration knows it by, if it is the course's."""
    name = keras.saving.get_registered_name(kind)
    return name if name.startswith("course>") else None


@functools.cache
def _open_classes() -> frozenset[tuple[str, str]]:
    """(module, class) of all that a functional model may serialize."""
    found = {("keras", "DTypePolicy"), ("keras.dtype_policies", "DTypePolicy")}
    for name, kind in vars(keras.layers).items():
        if inspect.isclass(kind) and name not in _CLOSED_LAYERS:
            found.add(("keras.layers", name))
    for module in _OPEN_MODULES:
        space = inspect.getattr_static(keras, module.partition(".")[2])
        for name, kind in vars(space).items():
            if inspect.isclass(kind):
                found.add((module, name))
    return frozenset(found | _open_operations())


def _open_operations() -> set[tuple[str, str]]:
    found = set()
    operation = keras.Operation
    source = inspect.getmodule(keras.ops.add).__package__  # keras.src.ops
    # relu(x) of keras.activations is another operation than that of keras.ops
    activations = inspect.getmodule(keras.activations.relu).__name__
    parts = (f"{source}.{part}" for part in (*_OPEN_OPERATIONS, "core"))
    for module in (*parts, activations):
        for name, kind in vars(importlib.import_module(module)).items():
            if inspect.isclass(kind) and issubclass(kind, operation):
                found.add((kind.__module__, name))
    return {
        (module, name)
        for module, name in found
        if not module.endswith(".core") or name in _OPEN_CORE
        if name not in ("Operation", "Vectorize", "JVP")
    }
