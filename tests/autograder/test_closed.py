"""What is closed to an answer earns nothing, however it is reached."""

import pytest
from nbformat import v4

from autograder.execute import CourseExecute
from tests.autograder.conftest import NO_SANDBOX
from tests.autograder.test_execute import ANSWER, TEST, code, errors

FORBIDS = "keras.ops.conv_transpose keras.layers.Conv2DTranspose numpy.add"
SIZE = "import keras, numpy as np\nassert f(5, 3) == 3"
UP = (
    "import numpy as np\n"
    "y = f(np.ones((1, 2, 2, 1), 'float32'), np.ones((2, 2, 1, 1), 'float32'))"
    "\nassert np.shape(y) == (1, 4, 4, 1) and np.all(y == 1)"
)
GIVEN = "import functools\nimport keras\nimport numpy as np\nimport course"
RIGHT = "def f(size, kernel): return size - kernel + 1"
ARITHMETIC = "import course.arithmetic\n"
# `globals()["ke" + "pt"]` hides from the reading of the source which of the
# student's own names an answer uses.
KEPT = "def f(*a): return globals()['ke' + 'pt'](*a)"


def graded(*cells):
    """(error, message) of each test cell; empty for full points."""
    notebook = v4.new_notebook(cells=list(cells))
    execute = CourseExecute(sandbox="required" if NO_SANDBOX is None else "off")
    notebook, _ = execute.preprocess(notebook, {})
    return [
        (errors(cell.outputs) or [""])[0]
        + "".join(
            f": {out.evalue}"
            for out in cell.outputs
            if out.output_type == "error"
        )
        for cell in notebook.cells
        if cell.metadata.get("course", {}).get("role") == "test"
    ]


def as_role(role, source, **header):
    nbgrader = {"answer": ANSWER, "test": TEST}.get(role)
    cell = code(source, nbgrader)
    cell.metadata["course"] = {"role": role, **header}
    return cell


def question(answer, test=SIZE, own="", name="f", allows="", forbids=FORBIDS):
    """Cells of a question: the student's own, the answer, its test."""
    answer = as_role(
        "answer", answer, allows=allows.split(), forbids=forbids.split()
    )
    answer.id = name
    return [as_role("own", own), answer, as_role("test", test, of=[name])]


def one(answer, test=SIZE, own="", **header):
    given = as_role("given", GIVEN)
    return graded(given, *question(answer, test, own, **header))[0]


SIZES = {
    "kept": (KEPT, f"{ARITHMETIC}kept = course.arithmetic.conv_output_size"),
    "wrapped": (
        KEPT,
        f"{ARITHMETIC}def kept(*a):\n"
        "    return course.arithmetic.conv_output_size(*a)",
    ),
    "partial": (
        KEPT,
        f"{ARITHMETIC}kept = functools.partial("
        "course.arithmetic.conv_output_size, stride=1)",
    ),
    "in a dictionary": (
        "def f(*a): return globals()['ta' + 'ble']['size'](*a)",
        f"{ARITHMETIC}table = dict(size=course.arithmetic.conv_output_size)",
    ),
    "as a default": (
        KEPT,
        f"{ARITHMETIC}def kept(a, b, g=course.arithmetic.conv_output_size):\n"
        "    return g(a, b)",
    ),
    "NumPy patched": (
        "def f(*a): return np.pad(*a)",
        f"{ARITHMETIC}globals()['n' + 'p'].pad = "
        "lambda *a: course.arithmetic.conv_output_size(*a)",
    ),
    "mapped": (
        "def f(a, b):\n"
        "    return list(map(globals()['ke' + 'pt'], [a], [b]))[0]",
        f"{ARITHMETIC}kept = course.arithmetic.conv_output_size",
    ),
    "map_structure": (
        "def f(a, b):\n    return keras.tree.map_structure("
        "globals()['ke' + 'pt'], a, b)",
        f"{ARITHMETIC}kept = course.arithmetic.conv_output_size",
    ),
    "computed names": (
        "def f(*a):\n    part = getattr(course, 'arith' + 'metic')\n"
        "    return getattr(part, 'conv_' + 'output_size')(*a)",
        "",
    ),
    "importlib in an own cell": (
        "def f(*a): return getattr(library, 'conv_' + 'output_size')(*a)",
        "import importlib\n"
        "library = importlib.import_module('course.arith' + 'metic')",
    ),
    "importlib, unseen": (
        KEPT,
        "import importlib\nkept = importlib.import_module("
        "'course.arithmetic').conv_output_size",
    ),
    "caught": (
        "def f(a, b):\n"
        "    try: globals()['ke' + 'pt'](a, b)\n"
        "    except BaseException: pass\n    return a - b + 1",
        f"{ARITHMETIC}kept = course.arithmetic.conv_output_size",
    ),
    "a thread": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def f(*a):\n    with ThreadPoolExecutor() as pool:\n"
        "        return pool.submit(globals()['ke' + 'pt'], *a).result()",
        f"{ARITHMETIC}kept = course.arithmetic.conv_output_size",
    ),
    "the function itself": (
        "f = globals()['ke' + 'pt']",
        f"{ARITHMETIC}kept = course.arithmetic.conv_output_size",
    ),
    "text": (
        "def f(a, b): return vars(__builtins__)['ev' + 'al']('a - b + 1')",
        "",
    ),
    "another program": (
        "def f(a, b): return int(getattr(globals()['o' + 's'], 'po' + 'pen')("
        "f'echo {a - b + 1}').read())",
        "import os",
    ),
    "star import": (
        "def f(*a): return conv_output_size(*a)",
        "from course.arithmetic import *",
    ),
}
UPS = {
    "a function": (KEPT, "kept = lambda x, k: keras.ops.conv_transpose(x,k,2)"),
    "the backend's": (
        "def f(x, k): return globals()['ke' + 'pt'].conv_transpose(x, k, 2)",
        "from keras.src.backend import nn as kept",
    ),
    "the operation's class": (
        "def f(x, k): return globals()['ke' + 'pt'].ConvTranspose(2)(x, k)",
        "from keras.src.ops import nn as kept",
    ),
    "a layer": (
        KEPT,
        "def kept(x, k): return keras.layers.Conv2DTranspose("
        "1, 2, 2, kernel_initializer='ones')(x)",
    ),
    "a layer made before": (
        "def f(x, k): return globals()['ke' + 'pt'](x)",
        "kept = keras.layers.Conv2DTranspose("
        "1, 2, 2, kernel_initializer='ones')",
    ),
    "a layer from its name": (
        "def f(x, k): return keras.layers.deserialize({'class_name': "
        "'Conv2D' + 'Transpose', 'module': 'keras.layers', "
        "'config': {'filters': 1, 'kernel_size': 2, "
        "'strides': 2, 'kernel_initializer': 'ones'}})(x)",
        "",
    ),
    "a class that inherits": (
        "def f(x, k): return globals()['Ke' + 'pt']("
        "1, 2, 2, kernel_initializer='ones')(x)",
        "class Kept(keras.layers.Conv2DTranspose): pass",
    ),
    "the course's layer": (
        KEPT,
        "import course.layers\n"
        "def kept(x, k): return course.layers.TransposedConv("
        "1, 2, 2, kernel_initializer='ones')(x)",
    ),
    "a function in C": (
        "def f(x, k): return globals()['ke' + 'pt'](x, 0)"
        ".repeat(2, 1).repeat(2, 2)",
        "kept = np.add",
    ),
    "a function in C in a list": (
        "def f(x, k): return globals()['ke' + 'pt'][0](x, 0)"
        ".repeat(2, 1).repeat(2, 2)",
        "kept = [np.add]",
    ),
}


@pytest.mark.parametrize(("answer", "own"), SIZES.values(), ids=SIZES)
def test_a_dodge_of_the_course_earns_nothing(answer, own):
    assert one(answer, own=own).startswith("NotAllowed: ")


@pytest.mark.parametrize(("answer", "own"), UPS.values(), ids=UPS)
def test_a_dodge_of_what_is_forbidden_earns_nothing(answer, own):
    assert one(answer, UP, own).startswith("NotAllowed: ")


HONEST = {
    "nothing closed": (RIGHT, SIZE, ""),
    "own comparison": (
        RIGHT,
        SIZE,
        f"{ARITHMETIC}import numpy as np\n"
        "assert course.arithmetic.conv_output_size(5, 3) == 3\n"
        "np.testing.assert_equal(course.arithmetic.conv_output_size(5, 3), 3)",
    ),
    "own comparison by star import": (
        "def f(a, b): return int(np.subtract(a, b) + 1)",
        SIZE,
        "from course.arithmetic import *\nprint(conv_output_size(5, 3))",
    ),
    "own comparison with the forbidden layer": (
        "def f(x, k):\n    return np.kron(x, np.ones((1, 2, 2, 1)))",
        UP,
        "layer = keras.layers.Conv2DTranspose(1, 2, 2)\n"
        "print(layer(np.ones((1, 2, 2, 1))).shape)",
    ),
    "Keras's layer": (
        "def f(x, k):\n"
        "    x = keras.layers.UpSampling2D(2)(x)\n"
        "    return keras.layers.Conv2D(1, 1, kernel_initializer='ones')(x)",
        UP,
        "",
    ),
    "Keras's operations and sums": (
        "def f(x, k):\n"
        "    x = keras.ops.convert_to_tensor(x)\n"
        "    x = keras.ops.add(x, 0) + np.float32(0)\n"
        "    x = keras.ops.repeat(keras.ops.repeat(x, 2, 1), 2, 2)\n"
        "    return keras.ops.conv(x, keras.ops.ones((1, 1, 1, 1)))",
        UP,
        "",
    ),
    "getattr, os.path, a namedtuple": (
        "import os.path\nfrom collections import namedtuple\n"
        "from dataclasses import dataclass\n"
        "def f(a, b):\n    P = namedtuple('P', 'x')\n"
        "    @dataclass\n    class D:\n        x: int\n"
        "    getattr(np.zeros(1), 'shape'); os.path.join('a', 'b')\n"
        "    return P(D(a - b + 1).x).x",
        SIZE,
        "",
    ),
    "a gradient through the backend of Keras": (
        "def f(x, k):\n"
        "    model = keras.Sequential([keras.layers.UpSampling2D(2)])\n"
        "    return model.predict(x, verbose=0)",
        UP,
        "",
    ),
    "plots that are open": (
        "from course import plots\n"
        "def f(a, b):\n    plots.matrix_of_numbers if False else None\n"
        "    return a - b + 1",
        SIZE,
        "",
    ),
    "an exception caught": (
        "def f(a, b):\n    try: np.zeros(-1)\n"
        "    except ValueError: return a - b + 1",
        SIZE,
        "",
    ),
    "a class with super": (
        "class L(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        return keras.ops.repeat(keras.ops.repeat(x, 2, 1), 2, 2)\n"
        "def f(x, k): return L()(x)",
        UP,
        "",
    ),
}


@pytest.mark.parametrize(("answer", "test", "own"), HONEST.values(), ids=HONEST)
def test_an_honest_answer_is_left_alone(answer, test, own):
    assert one(answer, test, own) == ""


def test_what_is_closed_changes_from_question_to_question():
    uses = "import course.arithmetic as a\ndef g(*n):\n    "
    uses += "return a.conv_output_size(*n)"
    opened = question(
        uses, "assert g(5, 3) == 3", name="g", allows="course.arithmetic"
    )
    closed = question(KEPT, own="kept = a.conv_output_size")
    again = as_role("test", "assert g(9, 3) == 7", of=["g"])
    honest = question("def h(n): return n + 1", "assert h(1) == 2", name="h")
    told = graded(as_role("given", GIVEN), *opened, *closed, again, *honest)
    assert [text[:10] for text in told] == ["", "NotAllowed", "", ""]


def test_no_function_is_made_of_the_courses_code():
    own = (
        "import course.arithmetic, types\n"
        "g = course.arithmetic.conv_output_size\n"
        "kept = types.FunctionType(g.__code__, vars(course.arithmetic),\n"
        "    'kept', g.__defaults__)"
    )
    assert one(KEPT, own=own).startswith("KeyError")  # that cell failed


def test_an_answer_may_use_another_whose_question_opens_more():
    uses = "import course.arithmetic as a\ndef g(*n):\n    "
    uses += "return a.conv_output_size(*n)"
    opened = question(
        uses, "assert g(5, 3) == 3", name="g", allows="course.arithmetic"
    )
    assert graded(*opened, *question("def f(*a): return g(*a)")) == ["", ""]
    told = graded(
        *opened, *question("def f(*n): return a.conv_output_size(*n)")
    )
    assert [text[:10] for text in told] == ["", "NotAllowed"]


def test_what_a_given_cell_does_with_the_course_is_open():
    given = as_role(
        "given",
        "from course.arithmetic import conv_output_size\n"
        "def helper(*a):\n    return conv_output_size(*a)",
    )
    answer = "def f(*a): return helper(*a)"
    assert graded(given, *question(answer)) == [""]
    answer = "def f(*a): return conv_output_size(*a)"
    assert graded(given, *question(answer))[0].startswith("NotAllowed")


SHOWN = (
    "import keras\nfrom course.arithmetic import conv_output_size\n"
    "def shown(x, k): return keras.ops.conv_transpose(x, k, 2)\n"
    "layer = keras.layers.Conv2DTranspose(1, 2, 2)\n"
    "def size(*a): return conv_output_size(*a)"
)


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        ("def f(x, k): return shown(x, k)", UP),
        ("def f(x, k): return globals()['sho' + 'wn'](x, k)", UP),
        ("def f(x, k): return layer(x)", UP),
        ("def f(*a): return size(*a)", SIZE),
    ],
    ids=["what is forbidden", "hidden", "a layer", "the course"],
)
def test_what_the_lecture_shows_is_not_lent(answer, test):
    lecture = as_role("lecture", SHOWN)
    told = graded(as_role("given", GIVEN), lecture, *question(answer, test))
    assert told[0].startswith("NotAllowed: ")


def test_the_message_names_what_and_says_what_to_do():
    told = one(*[SIZES["kept"][0], SIZE, SIZES["kept"][1]])
    assert told == (
        "NotAllowed: course.arithmetic.conv_output_size is closed to this "
        "answer; write it yourself"
    )
