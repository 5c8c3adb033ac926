"""What an answer may use is read from its source."""

import pytest

from autograder.permissions import imported, violations
from autograder.rules import Cell, rules
from autograder.source import read
from tests.answers import load
from tests.autograder.conftest import REPOSITORY

MATRIX = ("course.convolution_matrix",)
CONV = ("keras.ops.conv_transpose", "keras.layers.Conv2DTranspose")
CLOSED = [
    "import course.arithmetic",
    "import course.arithmetic as a\na.f()",
    "from course import arithmetic",
    "from course.layers import TransposedConv as T",
    "%matplotlib inline\nfrom course.models import vgg",
    "import course\ncourse.models.vgg()",
    "import keras\nkeras.ops.conv_transpose(1)",
    "import keras.ops as o\no.conv_transpose(1)",
    "from keras import ops\nops.conv_transpose(1)",
    "from keras.ops import conv_transpose as f\nf(1)",
    "import keras\no = keras.ops\ng = o\ng.conv_transpose(1)",
    "import keras\nkeras.layers.Convolution2DTranspose(1, 2)",
    "import keras\ngetattr(keras.ops, 'conv_transpose')(1)",
    "import keras\nvars(keras.ops)['conv_transpose'](1)",
    "import importlib\nimportlib.import_module('course.models')",
    "__import__('course.models')",
    "exec('import course')",
    "import course\ngetattr(course, 'arithmetic').f()",
    "import keras\nkeras.ops.__dict__['conv_transpose'](1)",
    "import keras\na, b = keras.ops, 1\na.conv_transpose(1)",
    "import keras\nkeras.ops.nn.conv_transpose(1)",
    "from keras.src.backend import nn",
    "import jax\njax.lax.conv_transpose(1)",
    "from tensorflow import nn",
    "import scipy.signal",
    "import subprocess",
    "from os import system",
    "import os\nos.execv('python', [])",
    "import multiprocessing as m",
    "import inspect\ninspect.getsource(f)",
    "import sys\nsys.modules['course.arithmetic'].f()",
    "f.__code__",
    "!python -c 'print(1)'",
    "%run other.py",
    "import autograder.student_end",
]
OPEN = [
    "import numpy as np\nnp.zeros(3)",
    "from course import plots\nfrom course.datasets import digits",
    "from course.convolution_matrix import convolution_matrix",
    "import keras\nkeras.ops.conv(1, 2)\nself.conv_transpose = 1",
    "def f(:",
    "import numpy as np\ngetattr(np, 'pad')(1, 2)\ngetattr(f, 'shape')",
    "import os\nos.path.join('a', 'b')\nos.environ.get('HOME')",
    "import re\nre.compile('a')",
    "import keras\nkeras.Sequential().compile('sgd')",
    "import keras\nkeras.layers.Conv2D(1, 2, name='conv_transpose')",
    "def compile(x): return x\ncompile(1)",
    "import inspect, gc, sys\ninspect.signature(f)\ngc.collect()\nsys.path",
    "%matplotlib inline\nx = 1",
    'x = """\n!python\n"""',
]


@pytest.mark.parametrize("source", CLOSED)
def test_what_is_closed_is_named(source):
    assert violations(source, MATRIX, CONV)


@pytest.mark.parametrize("source", OPEN)
def test_what_is_open_may_be_used(source):
    assert violations(source, MATRIX, CONV) == []


def test_a_name_that_another_cell_imported_is_closed_too():
    bound = imported(
        "from course.convolution_matrix import (\n"
        "    convolution_matrix)\nc = convolution_matrix"
    )
    source = "def f(k):\n    return c(k)"
    assert violations(source, bound=bound)
    assert violations(source, MATRIX, bound=bound) == []


def broken(*cells, of="a"):
    return rules([Cell(*cell) for cell in cells], [of]).broken


OWN = (
    "import course.arithmetic as c\n"
    "def size(n): return c.conv_output_size(n, 3)"
)
ANSWER = ("a", "def f(n): return size(n)", "answer")


@pytest.mark.parametrize(
    "own",
    [
        OWN,
        OWN.replace("size(n): ret", "one(n): ret") + "\nsize = one",
        OWN.replace("size(n): ret", "one(n): ret")
        + "\nglobals()['size'] = one",
        "from course.arithmetic import conv_output_size as size",
        "from course.arithmetic import *",
        "import course\nsize = {}\nsize.update(a=course.arithmetic.f)",
        "import course\nsize = f\nsetattr(size, 'a', course.arithmetic.f)",
        "exec('import course')",
    ],
)
def test_a_cell_that_the_answer_uses_is_judged_with_it(own):
    assert broken(("o", own, "own"), ANSWER)
    assert broken(ANSWER, ("o", own, "own"))
    assert not broken(("g", own, "given"), ("a", "f = 1", "answer"))


@pytest.mark.parametrize(
    "own",
    [
        f"size = len\n{OWN.replace('size', 'other')}\nprint(other(3))",
        "size = len\nimport course, numpy as np\n"
        "np.testing.assert_equal(course.arithmetic.f(3), size)",
        "size = len\nfrom course.arithmetic import *\nconv_output_size(5, 3)",
        "size = len\nexec('1')",
    ],
)
def test_a_statement_that_no_answer_uses_is_free(own):
    answer = ("a", "import numpy as np\ndef f(n): return np.abs(size(n))")
    assert not broken(("o", own, "own"), (*answer, "answer"))


def test_a_local_name_is_not_another_cells_alias():
    own = ("o", "import course\nn = course.arithmetic.conv_output_size", "own")
    assert not broken(own, ("a", "def f(n): return n", "answer"))


def test_rules_open_what_the_lecture_lends():
    cells = [
        Cell("g", OWN, "given"),
        Cell("a", ANSWER[1], "answer", forbids=("numpy.add",)),
    ]
    found = rules(cells, ["a"])
    assert not found.broken
    assert "course.arithmetic.conv_output_size" in found.allows
    assert found.forbids == ("numpy.add",)


def test_no_known_right_answer_is_closed():
    lecture = "12_transposed_convolution"
    for cell in read(REPOSITORY.solutions / f"{lecture}.py"):
        for answer in load(lecture).get(cell.id, []):
            allows = cell.header.get("allows", ())
            forbids = cell.header.get("forbids", ())
            assert not answer.is_right or not violations(
                answer.source, allows, forbids
            )


HARD = {
    "signs": "-" * 150_000 + "1",
    "attributes": "a" + ".b" * 60_000,
    "sums": "1" + "+1" * 60_000,
    "lambdas": "lambda:" * 20_000 + "1",
    "branches": "if 1: pass\n" + "elif 1: pass\n" * 20_000,
    "questions": "a?\n" * 5_000,
    "commands": "!x\n" * 5_000,
    "magics": "a = %b\n" * 5_000,
    "half a character": "a='\ud800'",
    "a null": "a\0b",
}


@pytest.mark.parametrize("source", HARD.values(), ids=HARD)
def test_no_source_is_too_hard_to_read(source):
    """What a parser gives up on is no reason to lose a submission."""
    reader = Cell("f", "def f(x): return a", "answer")
    rules([Cell("own", source, "own"), reader], ["f"])
    rules([Cell("f", source, "answer")], ["f"])
