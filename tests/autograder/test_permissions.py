"""What an answer may use is read from its source."""

import pytest

from autograder.permissions import imported, violations
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
]
OPEN = [
    "import numpy as np\nnp.zeros(3)",
    "from course import plots\nfrom course.datasets import digits",
    "from course.convolution_matrix import convolution_matrix",
    "import keras\nkeras.ops.conv(1, 2)\nself.conv_transpose = 1",
    "def f(:",
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


def test_no_known_right_answer_is_closed():
    lecture = "12_transposed_convolution"
    for cell in read(REPOSITORY.solutions / f"{lecture}.py"):
        for answer in load(lecture).get(cell.id, []):
            allows = cell.header.get("allows", ())
            forbids = cell.header.get("forbids", ())
            assert not answer.is_right or not violations(
                answer.source, allows, forbids
            )
