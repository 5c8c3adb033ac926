"""What is said of answers, and that problems stay what they are."""

import hashlib
import math
import subprocess
import sys

import keras
import numpy as np
import pytest

from course.practice import Verdict, for_student, kinds, problem, student
from course.practice.generator import STUDENT
from course.practice.reading import Unreadable, whole_numbers

SEEDS = range(60)
LEVELS = (1, 2, 3)


def all_of(kind, levels=LEVELS):
    return [problem(kind, seed, level) for level in levels for seed in SEEDS]


def room(given, padding=None):
    """Pixels a kernel can move on, by the formula."""
    padding = 2 * given["padding"] if padding is None else padding
    extent = given["dilation"] * (given["kernel_size"] - 1) + 1
    return given["size"] + padding - extent


def in_pixels(given):
    return isinstance(given["padding"], int)


def rounded_up(given):
    return in_pixels(given) and math.ceil(room(given) / given["stride"]) + 1


def padded_once(given):
    return in_pixels(given) and (
        room(given, given["padding"]) // given["stride"] + 1
    )


def undilated(given):
    return in_pixels(given) and (
        room(given | {"dilation": 1}) // given["stride"] + 1
    )


def one_forgotten(given):
    return in_pixels(given) and room(given) // given["stride"]


def same_keeps(given):
    return given["padding"] == "same" and given["size"]


def no_bias(given):
    return given["bias"] and math.prod(given["kernel_size"]) * (
        given["in_channels"] // given["groups"] * given["out_channels"]
    )


def no_groups(given):
    weights = given["in_channels"] * given["out_channels"]
    biases = given["out_channels"] if given["bias"] else 0
    return math.prod(given["kernel_size"]) * weights + biases


def input_places(given):
    height, width, channels = given["shape"]
    weights = given["kernel_size"] ** 2 * channels * given["filters"]
    return height * width * weights // given["groups"]


def strides_forgotten(given):
    return 1 + sum(
        layer["dilation"] * (layer["kernel_size"] - 1)
        for layer in given["layers"]
    )


def not_cut(given):
    return in_pixels(given) and (
        given["stride"] * (given["size"] - 1)
        + given["kernel_size"]
        + 2 * given["padding"]
    )


def every_layer(given):
    branches = (*given["branches"], given["after_pooling"])
    return bool(given["after_pooling"]) and sum(
        filters for branch in branches for _, filters in branch
    )


def last_block(given):
    return given["blocks"][-1] * given["growth"]


def one_pixel(given):
    return not given["layers"] and ((given["shape"][2] + 1) * given["units"])


def found(given, rule):
    """The numbers that a wrong rule finds fitting, of those that are tried."""
    asked = next(name for name in RANGES if given[name] is None)
    trials = ((n, given | {asked: n}) for n in RANGES[asked])
    return tuple(
        n
        for n, trial in trials
        if room(trial | {"dilation": 1}) >= 0 and rule(trial)
    )


def exactly(given):
    def rule(trial):
        moved = (trial["output_size"] - 1) * trial["stride"]
        return room(trial | {"dilation": 1}) == moved

    return found(given, rule)


def found_padded_once(given):
    def rule(trial):
        return padded_once(trial | {"dilation": 1}) == trial["output_size"]

    return found(given, rule)


RANGES = {
    "kernel_size": range(1, 8),
    "stride": range(1, 6),
    "padding": range(4),
}
MISTAKES = [
    ("missing_number", exactly, "remainder"),
    ("missing_number", found_padded_once, "both sides"),
    ("output_size", rounded_up, "round down"),
    ("output_size", padded_once, "both sides"),
    ("output_size", undilated, "gaps"),
    ("output_size", one_forgotten, "first place"),
    ("output_size", same_keeps, '"same" keeps'),
    ("parameters", no_bias, "biases"),
    ("parameters", no_groups, "group only"),
    ("macs", input_places, "not of the input"),
    ("receptive_field", strides_forgotten, "spreads"),
    ("transposed_size", not_cut, "cut from the output"),
    ("concatenation", every_layer, "last layer"),
    ("dense_block", last_block, "keeps what came in"),
    ("dense_parameters", one_pixel, "every pixel"),
]


@pytest.mark.parametrize(
    ("kind", "wrong", "phrase"),
    MISTAKES,
    ids=[f"{kind}-{wrong.__name__}" for kind, wrong, _ in MISTAKES],
)
def test_a_likely_mistake_is_named(kind, wrong, phrase):
    """Nearly always: two mistakes may lead to one number."""
    named = met = 0
    for each in all_of(kind):
        value = wrong(dict(each.given))
        if value is False or value == each.answer:
            continue
        if isinstance(value, int) and value < 1:
            continue
        verdict = each.check(value)
        assert not verdict
        met += 1
        named += phrase in verdict.hint
    assert met >= 15
    assert named >= 0.9 * met


@pytest.mark.parametrize("kind", kinds())
def test_only_the_answer_is_right(kind):
    for each in all_of(kind):
        assert each.check(each.answer) == Verdict(True)
        assert each.answer not in each.slips
        assert each.slips
        for wrong, hint in each.slips.items():
            assert each.check(wrong) == Verdict(False, hint)
        beside = 10**7  # no mistake leads there
        if isinstance(each.answer, tuple):
            beside = (beside,) * max(1, len(each.answer))
        assert each.check(beside) == Verdict(False, each.advice)


def test_a_shape_is_told_what_is_right_of_it():
    shape = problem("stack", seed=1)
    height, width, channels = shape.answer
    verdict = shape.check((height, width, 999))
    assert verdict.hint.startswith("Right so far: height, width. ")
    verdict = shape.check((height, 999, channels))
    assert verdict.hint.startswith("Right so far: height, channels. ")
    assert "(height, width, channels)" not in verdict.hint
    assert "3 numbers" not in shape.check("5").hint
    assert shape.check("5").hint == (
        "1 numbers came. Expected: height, width, channels."
    )
    swapped = shape.check((channels, height, width))
    assert swapped.hint == "Channels come last here."


def test_all_that_fit_are_wanted_in_any_order():
    several = next(
        each for each in all_of("missing_number", [1]) if len(each.answer) > 1
    )
    assert several.check(tuple(reversed(several.answer)))
    assert several.check(" and ".join(map(str, several.answer))).hint
    assert several.check(set(several.answer))
    none = next(
        each for each in all_of("missing_number", [3]) if not each.answer
    )
    assert none.check("none")
    assert none.check(None)
    assert none.check([])
    assert not none.check(0)
    assert not several.check("none")
    few = max(all_of("missing_number"), key=lambda each: len(each.answer))
    unknown = [number for number in few.answer if (number,) not in few.slips]
    assert few.check(unknown[0]).hint == "These are right, but not all."
    more = few.check((*few.answer, 99)).hint
    assert more == "The right ones are among these, but not all are right."


READ = [
    ("13 x 13 x 256", False, (13, 13, 256)),
    ("13×13×256", False, (13, 13, 256)),
    (" (13, 13, 256) ", False, (13, 13, 256)),
    ("[2; 3]", False, (2, 3)),
    ("61,706", True, (61706,)),
    ("61 706", True, (61706,)),
    ("60,965,224", True, (60965224,)),
    ("61,706", False, (61, 706)),
    ("-4", True, (-4,)),
    ("12.0", True, (12,)),
    ("None", True, ()),
    (12.0, True, (12,)),
    (np.int64(7), True, (7,)),
    (np.array([[1], [2]]), False, (1, 2)),
    (range(2), False, (0, 1)),
]


@pytest.mark.parametrize(("value", "single", "want"), READ, ids=repr)
def test_answers_are_read_as_people_write_them(value, single, want):
    assert whole_numbers(value, single) == want


def test_a_tensor_is_read():
    tensor = keras.ops.convert_to_tensor([4, 5])
    assert whole_numbers(tensor) == (4, 5)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "nothing was written"),
        ("12.5", "12.5 is no whole number.*part of a step"),
        (6.5, "6.5 is no whole number"),
        (math.nan, "nan is no whole number"),
        (math.inf, "inf is no whole number"),
        ("nan", "is no whole number"),
        ("twelve", "'twelve' cannot be read. Write whole numbers only"),
        ("12 pixels", "cannot be read"),
        (True, "True holds something else than numbers"),
        ({"height": 3}, "something else than numbers"),
        ([[1], [2, 3]], "something else than numbers"),
        (object, "something else than numbers"),
        ("9" * 99 + "?", "999... cannot be read"),
    ],
    ids=repr,
)
def test_what_is_no_number_gets_a_hint_not_an_error(value, message):
    with pytest.raises(Unreadable, match=message):
        whole_numbers(value, single=True)
    verdict = problem("output_size", 1).check(value)
    assert not verdict
    assert str(verdict).startswith("Not yet. Hint: ")


def test_problems_are_what_they_were():
    """Change these on purpose only: each student's own numbers change too."""
    found = {}
    for kind in kinds():
        texts = [
            f"{each.question}{each.answer}"
            for each in (problem(kind, 12, level) for level in LEVELS)
        ]
        digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
        found[kind] = digest[:8]
    assert found == KEPT


KEPT = {
    "output_size": "1aada5c8",
    "stack": "325623b5",
    "missing_number": "e487b9ee",
    "parameters": "8aa768df",
    "dense_parameters": "764e4b4f",
    "macs": "d4521f88",
    "receptive_field": "75e32f5a",
    "concatenation": "1f95aecd",
    "dense_block": "7c2d9836",
    "transposed_size": "7471d90d",
}


def test_another_process_with_another_hash_draws_the_same():
    here = for_student("ada", "stack", 3, secret="s")
    code = (
        "from course.practice import for_student as f;"
        "print(f('ada', 'stack', 3, secret='s').question)"
    )
    there = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": sys.path[0] or "."},
    )
    assert there.stdout.strip() == here.question


@pytest.mark.parametrize("kind", kinds())
def test_students_get_problems_of_their_own(kind):
    names = [f"student-{i}" for i in range(40)]
    asked = {for_student(name, kind, 2).question for name in names}
    assert len(asked) >= 0.8 * len(names)
    again = for_student(" STUDENT-1\n", kind, 2)
    assert again == for_student("student-1", kind, 2)
    others = [
        for_student(name, kind, 2, secret="another").question for name in names
    ]
    same = sum(
        for_student(name, kind, 2).question == other
        for name, other in zip(names, others, strict=True)
    )
    assert same <= 0.1 * len(names)


def test_the_grader_says_whose_it_is(monkeypatch):
    monkeypatch.delenv(STUDENT, raising=False)
    assert student() == ""
    assert student(otherwise="typed") == "typed"
    monkeypatch.setenv(STUDENT, "ada")
    assert student(otherwise="typed") == "ada"


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match=r"kind='shape' is unknown.*'stack'"):
        problem("shape", 1)
    with pytest.raises(ValueError, match=r"level=4 is too high.* to 3"):
        problem("stack", 1, level=4)
    with pytest.raises(ValueError, match=r"level must be an integer"):
        problem("stack", 1, level="easy")
    with pytest.raises(ValueError, match=r"student=' ' names nobody"):
        for_student(" ", "stack")
