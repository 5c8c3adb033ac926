"""Answers, from what a question says, by Keras's own layers and models."""

import functools
import math
import re

import keras
import pytest
from keras import layers

from course.catalogue import outlines
from course.practice import kinds, problem
from course.receptive_field import receptive_field

SEEDS = range(60)
LEVELS = (1, 2, 3)

MAP = re.compile(r"(?:map|input) of shape \((\d+), (\d+), (\d+)\)")
KERNEL = r"(?P<k>\d+)×(?P<w>\d+)"
HOW = (
    r"stride (?P<s>\d+)"
    r"(?:, padding (?P<p>\d+|\"same\"|\"valid\"))?"
    r"(?:, dilation (?P<d>\d+))?"
)
FILTERS = re.compile(rf"(?P<filters>\d+) filters? of {KERNEL}, {HOW}")
WINDOWS = re.compile(rf"max pooling, windows of {KERNEL}, {HOW}")
SHORT = re.compile(rf"(?P<name>convolution|max pooling) {KERNEL}, {HOW}")


def each(kind):
    """Every problem of a kind that is looked at."""
    return [problem(kind, seed, level) for level in LEVELS for seed in SEEDS]


def integers(pattern, text):
    """The integers in the first place where a pattern is found."""
    return [int(part) for part in re.search(pattern, text).groups()]


def built(found, pool=False, **options):
    """Keras's layers of what an expression found in a question."""
    words = found.groupdict()
    padding = (words["p"] or "valid").strip('"')
    ahead = []
    if padding.isdigit():
        ahead, padding = [layers.ZeroPadding2D(int(padding))], "valid"
    size = (int(words["k"]), int(words["w"]))
    shared = {"strides": int(words["s"]), "padding": padding}
    if pool:
        return [*ahead, layers.MaxPooling2D(size, **shared)]
    filters = int(words.get("filters") or 1)
    dilation = int(words["d"] or 1)
    return [
        *ahead,
        layers.Conv2D(
            filters, size, dilation_rate=dilation, **shared, **options
        ),
    ]


def listed(text):
    """Keras's layers of a question's list, in order."""
    found = []
    for line in re.findall(r"^- (.*)$", text, re.MULTILINE):
        pooling = WINDOWS.fullmatch(line)
        found += built(pooling or FILTERS.search(line), pool=bool(pooling))
    return found


def shape_behind(shape, stack):
    """What Keras says comes out of layers."""
    for layer in stack:
        shape = layer.compute_output_shape(shape)
    return shape


@functools.cache
def convolved(size, kernel_size, stride, padding, dilation=1):
    """One axis behind a Keras convolution; None where it does not fit."""
    layer = layers.Conv2D(1, kernel_size, stride, dilation_rate=dilation)
    padded = layers.ZeroPadding2D(padding).compute_output_shape(
        (None, size, size, 1)
    )
    try:
        return layer.compute_output_shape(padded)[1]
    except ValueError:
        return None


def by_output_size(text):
    size, other = integers(r"map of (\d+)×(\d+) pixels", text)
    found = re.search(rf"kernel of {KERNEL}, {HOW}", text)
    shape = shape_behind((None, size, other, 1), built(found))
    assert shape[1] == shape[2]
    return shape[1]


def by_stack(text):
    return shape_behind((None, *integers(MAP, text)), listed(text))[1:]


def by_missing_number(text):
    wanted, _, size, _ = integers(
        r"make (\d+)×(\d+) of a map of (\d+)×(\d+)", text
    )
    asked, low, high = re.search(
        r"Which ([a-z ]+?)s from (\d+) to (\d+)", text
    ).groups()
    known = re.search("pixels, with (.*?)\\.", text)[1].split(" and ")
    known = dict(words.rsplit(" ", 1) for words in known)
    fitting = []
    for number in range(int(low), int(high) + 1):
        numbers = known | {asked: number}
        k, s, p = (
            int(numbers[name]) for name in ("kernel size", "stride", "padding")
        )
        if convolved(size, k, s, p) == wanted:
            fitting.append(number)
    return tuple(fitting)


def by_parameters(text):
    before, filters, k, w = integers(
        r"reads (\d+) channels with (\d+) filters of (\d+)×(\d+)", text
    )
    groups = re.search(r"in (\d+) groups", text)
    layer = layers.Conv2D(
        filters,
        (k, w),
        groups=int(groups[1]) if groups else 1,
        use_bias="without bias" not in text,
    )
    layer.build((None, 32, 32, before))
    return layer.count_params()


def by_dense_parameters(text):
    shape = shape_behind((None, *integers(MAP, text)), listed(text))
    (units,) = integers(r"dense layer of (\d+) units", text)
    inputs = keras.Input(shape[1:])
    outputs = layers.Dense(units)(layers.Flatten()(inputs))
    return keras.Model(inputs, outputs).count_params()


def by_macs(text):
    shape = (None, *integers(MAP, text))
    groups = re.search(r"in (\d+) groups", text)
    stack = built(FILTERS.search(text), groups=int(groups[1]) if groups else 1)
    after = shape_behind(shape, stack)
    stack[-1].build(shape_behind(shape, stack[:-1]))
    return math.prod(after[1:3]) * math.prod(stack[-1].kernel.shape)


def by_receptive_field(text):
    x = inputs = keras.Input((256, 256, 1))
    for line in re.findall(r"^- (.*)$", text, re.MULTILINE):
        found = SHORT.fullmatch(line)
        for layer in built(found, pool=found["name"] == "max pooling"):
            x = layer(x)
    return receptive_field(keras.Model(inputs, x)).size[0]


def by_concatenation(text):
    (before,) = integers(r"map of (\d+) channels", text)
    ends = []
    for line in re.findall(r"^- (.*)$", text, re.MULTILINE):
        branch = []
        if line.startswith("max pooling 3×3 at stride 1"):
            branch = [layers.MaxPooling2D(3, 1, "same")]
        for filters, k in re.findall(r"(\d+) filters of (\d+)×\2", line):
            branch.append(layers.Conv2D(int(filters), int(k), padding="same"))
        ends.append(shape_behind((None, 8, 8, before), branch))
    assert len(ends) == 4
    return layers.Concatenate().compute_output_shape(ends)[-1]


def by_dense_block(text):
    (before,) = integers(r"map of (\d+) channels", text)
    (growth,) = integers(r"block makes (\d+) channels", text)
    shape = (None, 8, 8, before)
    for i, number in enumerate(
        re.findall(r"dense block of (\d+) layers", text)
    ):
        if i:
            assert "half as many filters as it reads" in text
            half = layers.Conv2D(shape[-1] // 2, 1)
            shape = half.compute_output_shape(shape)
        layer = layers.Conv2D(growth, 3, padding="same")
        for _ in range(int(number)):
            new = layer.compute_output_shape(shape)
            shape = layers.Concatenate().compute_output_shape([shape, new])
    return shape[-1]


def by_transposed_size(text):
    size, _ = integers(r"map of (\d+)×(\d+)", text)
    found = re.search(rf"kernel of {KERNEL}, {HOW}", text)
    extra = re.search(r"output padding (\d+)", text)
    k, s, padding = int(found["k"]), int(found["s"]), found["p"].strip('"')
    if not padding.isdigit():
        layer = layers.Conv2DTranspose(1, k, s, padding)
        return layer.compute_output_shape((None, size, size, 1))[1]
    sizes = [
        before
        for before in range(1, 60)
        if convolved(before, k, s, int(padding)) == size
    ]
    return sizes[int(extra[1]) if extra else 0]


BY_KERAS = {
    "output_size": by_output_size,
    "stack": by_stack,
    "missing_number": by_missing_number,
    "parameters": by_parameters,
    "dense_parameters": by_dense_parameters,
    "macs": by_macs,
    "receptive_field": by_receptive_field,
    "concatenation": by_concatenation,
    "dense_block": by_dense_block,
    "transposed_size": by_transposed_size,
}


@pytest.mark.parametrize("kind", BY_KERAS)
def test_the_answer_is_what_keras_makes_of_the_question(kind):
    with outlines():
        for each_one in each(kind):
            found = BY_KERAS[kind](each_one.question)
            assert found == each_one.answer, str(each_one)
            assert each_one.check(found)


def test_every_kind_has_another_way():
    assert list(BY_KERAS) == list(kinds())


EQUATION = re.compile(r"([\d⌊⌈(][\d\s+−·/()⌊⌋⌈⌉]*) = (\d+)")


def evaluated(expression):
    """The number of an expression as a solution writes it."""
    python = expression.replace("·", "*").replace("−", "-")
    python = python.replace("⌊", "math.floor(").replace("⌋", ")")
    python = python.replace("⌈", "math.ceil(").replace("⌉", ")")
    return eval(python, {"math": math})


@pytest.mark.parametrize("kind", BY_KERAS)
def test_every_equation_of_a_solution_holds(kind):
    for each_one in each(kind):
        lines = each_one.solution.splitlines()
        equations = 0
        for i, line in enumerate(lines, 1):
            number, step = line.split(". ", 1)
            assert int(number) == i
            for left, right in EQUATION.findall(step.replace("**", "")):
                assert evaluated(left) == int(right), line
                equations += 1
        assert equations
        last = re.findall(r"\*\*\(?([\w, ]+)\)?\*\*", lines[-1])[-1]
        assert each_one.check(last), lines[-1]


def numbers_in(value):
    """All numbers of given values, however deep; ones may go unsaid."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return {number for part in value for number in numbers_in(part)}
    is_said = isinstance(value, int) and not isinstance(value, bool)
    return {value} - {0, 1} if is_said else set()


@pytest.mark.parametrize("kind", BY_KERAS)
def test_what_is_given_stands_in_the_question(kind):
    for each_one in each(kind):
        said = set(map(int, re.findall(r"\d+", each_one.question)))
        assert numbers_in(dict(each_one.given)) <= said


@pytest.mark.parametrize("kind", BY_KERAS)
def test_numbers_stay_human(kind):
    most = {"macs": 10**6, "dense_parameters": 10**6, "parameters": 10**4}
    for each_one in each(kind):
        answer = each_one.answer
        largest = (
            max(answer, default=1) if isinstance(answer, tuple) else answer
        )
        assert 0 <= largest <= most.get(kind, 300)
        assert len(each_one.question) < 700


def test_find_has_one_at_first_and_often_none_at_last():
    none = [
        sum(
            problem("missing_number", seed, level).answer == ()
            for seed in SEEDS
        )
        for level in LEVELS
    ]
    assert none[0] == 0
    assert 0 < none[1] < none[2] < len(SEEDS)
