"""Test cells through a checker, against students honest and hostile."""

import functools
import time

import pytest
from nbformat import v4
from nbgrader.utils import determine_grade

from autograder.answers import model_answers
from autograder.checker import Checker
from autograder.source import read
from autograder.testcell import TestCell
from autograder.verdict import outputs
from tests.answers import load
from tests.autograder.conftest import REPOSITORY
from tests.autograder.students import Students

LECTURE = "12_transposed_convolution"
SOURCE = REPOSITORY.solutions / f"{LECTURE}.py"
ANSWERS = [
    pytest.param(question, answer, id=f"{question}-{answer.name}")
    for question, answers in load(LECTURE).items()
    for answer in answers
    if answer.at_most or answer.is_right  # not those that a rule refuses
]


class Course:
    """A checker and the students it judges."""

    def __init__(self, *warm: str):
        self.checker = Checker()
        self.students = Students(*warm)

    def judge(self, cells, *tests):
        """The verdicts of `tests` on a student who wrote `cells`."""
        student = self.students.start(self.checker, *cells)
        verdicts = [self.checker.check(test) for test in tests]
        self.students.end(student)
        return verdicts

    def verdict(self, answer, test, points=2, seconds=10):
        return self.judge([answer], TestCell("t", test, points, seconds))[0]

    def close(self):
        self.students.close()
        self.checker.close()


@pytest.fixture(scope="module")
def course():
    course = Course("numpy")
    yield course
    course.close()


@pytest.fixture(scope="module")
def lecture():
    """Answers by question -> points and possible points by question."""
    course = Course("keras")
    cells = [cell for cell in read(SOURCE) if cell.role == "test"]

    def grade(answers):
        tests = [
            TestCell(cell.id, cell.source, cell.header["points"])
            for cell in cells
        ]
        given = ["import numpy as np", *answers.values()]
        shares = {}
        verdicts = course.judge(given, *tests)
        for cell, verdict in zip(cells, verdicts, strict=True):
            share = shares.setdefault(cell.header["of"][0], [0, 0])
            share[0] += verdict.points
            share[1] += verdict.possible
        return {name: got / of for name, (got, of) in shares.items()}

    yield grade
    course.close()


@functools.cache
def solution():
    return model_answers(SOURCE)


def test_a_solution_is_full_and_a_stub_is_nothing(lecture):
    assert set(lecture(solution()).values()) == {1}
    stubs = {
        name: f"def {name.replace('-', '_')}(*a): raise NotImplementedError()"
        for name in ("matrix-of-convolution", "transposed-convolution")
    }
    assert set(lecture(stubs).values()) == {0}


@pytest.mark.parametrize(("question", "answer"), ANSWERS)
def test_an_answer_earns_what_it_deserves(lecture, question, answer):
    share = lecture(solution() | {question: answer.source})[question]
    if answer.is_right:
        assert share == 1
    else:
        assert share <= answer.at_most


FULL = [
    (
        "def f(): return [1, (2.5, 'a'), {'b': None}]",
        "assert f() == [1, (2.5, 'a'), {'b': None}]",
    ),
    (
        "import enum\nclass E(enum.IntEnum):\n    a = 3\ndef f(): return E.a",
        "assert f() == 3 and type(f()) is int",
    ),
    (
        "import numpy as np\ndef f(x): return x.T",
        "import numpy as np\nx = np.arange(6).reshape(2, 3)\n"
        "assert np.array_equal(f(x), x.T)",
    ),
    ("f = [1, 2, 3]", "assert f == [1, 2, 3]"),
    (
        "def f(): return (i * i for i in range(4))",
        "assert list(f()) == [0, 1, 4, 9]",
    ),
    (
        "class F:\n    def __init__(self, a): self.a = a\n"
        "    def twice(self): return 2 * self.a",
        "f = F(4)\nassert f.a == 4 and f.twice() == 8",
    ),
    (
        "def f(): return lambda x: x + 1\ndef g(h): return h(1)",
        "assert f()(2) == 3 and g(f()) == 2",
    ),
    (
        "def f(): raise ValueError('no')",
        "try:\n    f()\nexcept ValueError as error:\n"
        "    assert str(error) == 'no'\nelse:\n    raise AssertionError(1)",
    ),
    (
        "class Mine(KeyError): pass\ndef f(): raise Mine('no')",
        "try:\n    f()\nexcept KeyError:\n    pass\nelse:\n    assert False",
    ),
    (
        "def f(): raise NotImplementedError",
        "try:\n    f()\nexcept NotImplementedError:\n    pass\n"
        "else:\n    assert False",
    ),
    (
        "import sys\ndef f(): print('x', file=sys.stderr); return 1",
        "assert f() == 1",
    ),
    (
        "import random\ndef f(): return random.random()",
        "%matplotlib inline\nimport numpy as np\nassert np.isclose(f(), "
        "0.4745706786885481)",
    ),
    ("def f(**k): return k", "assert f(a=..., b=b'x') == dict(a=..., b=b'x')"),
    ("def f(x): return x[1:2]", "assert f('abc') == 'b'"),
    ("def range(): return 1\ndef f(): return 2", "assert f() == len(range(2))"),
]


@pytest.mark.parametrize(("answer", "test"), FULL)
def test_a_right_answer_is_full(course, answer, test):
    verdict = course.verdict(answer, test)
    assert (verdict.points, verdict.error) == (2, ""), verdict


LIAR = """
class Liar{base}:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __bool__(self): return True
    def __hash__(self): return hash(4)
    def __float__(self): return 4.0
    def __int__(self): return 4
    def __index__(self): return 4
    def __len__(self): return 4
    def __contains__(self, x): return True
    def __array__(self, *a, **k):
        import numpy
        return numpy.float64(4)
    def __array_ufunc__(self, *a, **k): return True
    def __array_function__(self, *a, **k): return True
    __array_interface__ = dict(shape=(1,), typestr='<f8', data=(16, False),
                               version=3)
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    @property
    def __class__(self): return float
def f(*a): return Liar()
"""
NO_STOP = "def f(*a):\n    raise "
FORGED = """
import gc, socket, struct, sys, os, time
def f(*a):
    end = [x for x in gc.get_objects() if isinstance(x, socket.socket)
           and x.fileno() > 2][-1]
    end.sendall({message})
    time.sleep(9)
"""
FRAMES = """
import sys, gc, threading
def f(*a):
    for frame in list(sys._current_frames().values()):
        while frame:
            for v in frame.f_locals.values():
                if isinstance(v, (int, float)) and v > 3: return v
            frame = frame.f_back
    return next((x for x in gc.get_objects() if x == 4), 0)
"""
ATTACKS = {
    "eq": LIAR.format(base=""),
    "int": LIAR.format(base="(int)"),
    "float": LIAR.format(base="(float)"),
    "str": LIAR.format(base="(str)"),
    "list": LIAR.format(base="(list)"),
    "dict": LIAR.format(base="(dict)"),
    "array": "import numpy\n"
    + LIAR.format(base="(numpy.ndarray)").replace(
        "return Liar()", "return numpy.zeros(1).view(Liar)"
    ),
    "metaclass": "class M(type):\n    __mro__ = (int, object)\n"
    "    def __instancecheck__(self, x): return True\n"
    "class A(metaclass=M):\n    def __eq__(s, o): return True\n"
    "def f(*a): return A()",
    "frames": FRAMES,
    "patched numpy": "import numpy as np\n"
    "np.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
    "np.asarray = lambda *a, **k: a[0]\ndef f(*a): return 5",
    "patched json": "import json\njson.loads = json.dumps = lambda *a, **k: ''"
    "\ndef f(*a): return 5",
    "patched builtins": "import builtins\nbuiltins.len = lambda x: 4\n"
    "builtins.isinstance = lambda *a: True\nbuiltins.abs = lambda x: 0\n"
    "def f(*a): return 5",
    "patched end": "import autograder.student_end as e\n"
    "e._OPERATIONS['call'] = lambda *a: 5\ndef f(*a): return 5",
    "assertion": NO_STOP + "AssertionError('full points')",
    "stop": NO_STOP + "StopIteration",
    "async stop": NO_STOP + "StopAsyncIteration",
    "exit": NO_STOP + "SystemExit(0)",
    "interrupt": NO_STOP + "KeyboardInterrupt",
    "generator exit": NO_STOP + "GeneratorExit",
    "base": "class B(BaseException): pass\n" + NO_STOP + "B",
    "own class of that name": "class StopIteration(Exception): pass\n"
    + NO_STOP
    + "StopIteration",
    "group": NO_STOP + "ExceptionGroup('x', [ValueError()])",
    "unprintable": "class E(Exception):\n    def __str__(self): 1 / 0\n"
    + NO_STOP
    + "E",
    "os._exit": "import os\ndef f(*a): os._exit(0)",
    "kill": "import os\ndef f(*a): os.kill(os.getpid(), 9)",
    "loop": "def f(*a):\n    while True: pass",
    "sleep": "import time\ndef f(*a): time.sleep(99)",
    "slow text": "import time\nclass E(Exception):\n"
    "    def __str__(self): time.sleep(99)\n" + NO_STOP + "E",
    "cyclic": "def f(*a):\n    x = []\n    x.append(x)\n    return x",
    "deep": "def f(*a):\n    x = []\n    for _ in range(10**5): x = [x]\n"
    "    return x",
    "endless list": "class L(list):\n    def __iter__(self):\n"
    "        while True: yield 4\n    def __len__(self): return -1\n"
    "def f(*a): return L([5])",
    "endless generator": "import itertools\n"
    "def f(*a): return itertools.repeat(4)",
    "huge array": "import numpy as np\n"
    "def f(*a): return np.zeros((2**30,), 'int8')",
    "broadcast array": "import numpy as np\n"
    "def f(*a): return np.broadcast_to(np.zeros(1), (2**40,))",
    "huge integer": "def f(*a): return 1 << 10**6",
    "huge text": "def f(*a): return '4' * 10**8",
    "huge list": "def f(*a): return [4] * 10**7",
    "object array": "import numpy as np\n"
    + LIAR.format(base="").replace(
        "return Liar()", "return np.array([Liar()], object)"
    ),
    "half characters": NO_STOP + "ValueError('\\udc80\\x1b[31m')",
    "garbage": FORGED.format(message="b'x' * 4096"),
    "huge length": FORGED.format(
        message="struct.pack('>IQ', 2**32 - 1, 2**63)"
    ),
    "promised length": FORGED.format(message="struct.pack('>IQ', 10, 2**27)"),
    "not JSON": FORGED.format(message="struct.pack('>IQ', 3, 0) + b'[[['"),
    "nested JSON": FORGED.format(
        message="struct.pack('>IQ', 10**6, 0) + b'[' * 10**6"
    ),
    "closed": FORGED.replace("end.sendall({message})", "end.close()"),
    "closed descriptors": "import os\ndef f(*a): os.closerange(3, 99)",
    "stopped thread": "import sys, threading\ndef f(*a):\n"
    "    sys.stdout.flush(); threading.current_thread()._tstate_lock = None\n"
    "    raise SystemExit",
}
FORGED_REPLIES = [
    "NaN",
    '["list","value",Infinity]',
    '["tuple","value",["array","float64",NaN]]',
    '["tuple","value",["array","float64",-1]]',
    '["tuple","value",["array","float64",1e3]]',
    '["tuple","value",["array","object",1]]',
    '["tuple","value",["array","float64",1099511627776,1099511627776]]',
    '["tuple","value",["array","O8",0]]',
    '["tuple","value",["array","U99999999",0]]',
    '["tuple","value",["bytes",true]]',
    '["tuple","value",["dict",1]]',
    '["tuple","value",["dict",["list"],1]]',
    '["tuple","value",["range",1,2,0]]',
    '["tuple","value",["handle","0",1]]',
    '["tuple","value",{"__class__":"float"}]',
    '["tuple","value",["complex","a","b"]]',
    '["tuple","full",2]',
    '["tuple","error","SystemExit","x",""]',
    '["tuple","error","AssertionError","x",""]',
    '["tuple","error","StopIteration","x",""]',
    '["tuple","error",["int"],"x",""]',
    '["tuple","error"]',
    '["tuple","value",' + "9" * 5000 + "]",
]
ATTACKS |= {
    f"reply {text[:60]}": FORGED.format(
        message=f"struct.pack('>IQ', {len(text)}, 0) + {text.encode()!r}"
    )
    for text in FORGED_REPLIES
}
TESTS = {
    "equal": "assert f(2, 2) == 4, 'not 4'",
    "unequal": "if f(2, 2) != 4:\n    raise AssertionError('not 4')",
    "close": "import numpy as np\nassert np.allclose(f(2, 2), 4), 'not 4'",
    "array": "import numpy as np\n"
    "assert np.array_equal(np.asarray(f(2, 2), float), 4), 'not 4'",
    "loop": "import itertools\nfor x in [f(2, 2)]:\n    assert x == 4, 'not 4'",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_earns_nothing_and_stops_nobody(course, attack):
    begin = time.monotonic()
    test = TESTS[list(TESTS)[list(ATTACKS).index(attack) % len(TESTS)]]
    verdict = course.verdict(ATTACKS[attack], test, seconds=3)
    assert verdict.points == 0, verdict
    assert verdict.error
    assert verdict.message
    outputs(verdict)[0].traceback[0].encode()
    assert time.monotonic() - begin < 8
    assert course.checker.is_alive
    alive = course.verdict("def f(a, b): return a + b", test)
    assert alive.points == 2, alive


@pytest.mark.parametrize("test", TESTS.values(), ids=TESTS)
@pytest.mark.parametrize("attack", ["eq", "int", "array", "metaclass", "stop"])
def test_a_liar_is_seen_through_however_it_is_compared(course, attack, test):
    assert course.verdict(ATTACKS[attack], test).points == 0


SWALLOWING = [
    "try:\n    f() == 4\nexcept BaseException:\n    pass",
    "try:\n    f().x\nexcept Exception:\n    pass\nf() in [4]",
    "import contextlib\nwith contextlib.suppress(BaseException):\n    f()()",
]


@pytest.mark.parametrize("test", SWALLOWING)
def test_a_swallowed_error_of_the_check_is_no_pass(course, test):
    answer = "import os\nclass A:\n    def __call__(self): os._exit(0)\n"
    verdict = course.verdict(answer + "def f(): return A()", test)
    assert verdict.points == 0
    assert verdict.error in ("HandleError", "StudentGone")


@pytest.mark.parametrize(
    ("last", "points", "is_fault"),
    [
        ("1.5", 1.5, False),
        ("2", 2, False),
        ("0", 0, False),
        ("f(1)", 1, False),
        ("import numpy as np\nnp.float64(1.5)", 1.5, False),
        ("import numpy as np\nnp.int64(1)", 1, False),
        ("f(None)", 2, False),
        ("print(1)", 2, False),
        ("2.5", 0, True),
        ("-1", 0, True),
        ("float('nan')", 0, True),
        ("True", 0, True),
        ("'full'", 0, True),
        ("f", 0, True),
        ("f([2])", 0, True),
        ("import numpy as np\nnp.array([2])", 0, True),
    ],
)
def test_the_last_value_is_the_credit_as_nbgrader_reads_it(
    course, last, points, is_fault
):
    verdict = course.verdict("def f(x): return x", f"f(1)\n{last}")
    assert (verdict.points, verdict.is_fault) == (points, is_fault)
    cell = v4.new_code_cell(outputs=outputs(verdict))
    cell.metadata["nbgrader"] = {
        "points": 2,
        "grade": True,
        "solution": False,
        "locked": True,
    }
    assert determine_grade(cell) == (points, 2)


FAULTS = [
    ("def f(): return 1", "f( ="),
    ("def f(): return 1", "from math import *\nf()"),
    ("def f(): return 1", "assert 1 == 1"),
    ("import numpy as np", "np.ones(1)"),
    ("def f(x): return 1", "f(lambda: 1)"),
    ("def f(x): return 1", "f(object())"),
    ("def f(x): return 1", "f(1)\nimport sys\nsys.exit(0)"),
    ("def f(x): return 1", "%timeit f(1)"),
]


@pytest.mark.parametrize(("answer", "test"), FAULTS)
def test_a_check_that_cannot_be_done_gives_nothing(course, answer, test):
    verdict = course.verdict(answer, test)
    assert verdict.points == 0
    assert verdict.is_fault
    assert verdict.detail


HIDDEN = """\
assert f(1) == 1, "f(1) is not 1"
### BEGIN HIDDEN TESTS
secret = 41
{body}
### END HIDDEN TESTS"""


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            "f(2, [1, 3])",
            "KeyError('no')",
            "f(2, [1, 3]) raised KeyError: 'no'",
        ),
        (
            "f(np.arange(5), k=1)",
            "AssertionError('no')",
            "f(array([0, 1, 2, 3, 4]), k=1) raised AssertionError: no",
        ),
        ("f(1)(2)", "OSError('no')", "f(1) raised OSError: no"),
        ("g()(2)", "OSError('no')", "your code raised OSError: no"),
    ],
)
def test_a_visible_check_names_the_call_that_raised(
    course, call, error, message
):
    answer = (
        f"def f(*a, **k):\n    raise {error}\n"
        f"def g():\n    def inner(x): raise {error}\n    return inner"
    )
    verdict = course.verdict(answer, f"import numpy as np\n{call}")
    assert verdict.message == message


def test_a_visible_raise_is_no_check_to_show(course):
    test = "if f(2) != 4:\n    raise AssertionError(\n        'not 4'\n    )"
    verdict = course.verdict("def f(x):\n    return x", test)
    assert (verdict.message, verdict.line) == ("not 4", "")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("assert f(2) == secret, 'two'", "two"),
        ("assert f(2) == secret", "says no more"),
        ("import numpy as np\nnp.testing.assert_equal(f(2), secret)", "kind"),
        ("{41: 0}[f(2)]", "kind"),
        ("f(2) + [41]", "kind"),
        ("f(41, 41)", "your code raised "),
    ],
)
def test_feedback_shows_nothing_of_a_hidden_test(course, body, message):
    test = HIDDEN.format(body=body)
    verdict = course.verdict("def f(x):\n    return x", test)
    text = "\n".join(outputs(verdict)[0].traceback)
    assert message in text
    assert "41" not in text
    assert "secret" not in text


def test_feedback_shows_the_visible_line_and_the_students_frames(course):
    verdict = course.verdict("def f(x):\n    return 2", HIDDEN.format(body=""))
    assert verdict.line == "assert f(1) == 1"
    verdict = course.verdict("def f(x):\n    return 1 / 0", "f(1)")
    assert verdict.error == "ZeroDivisionError"
    assert verdict.trace.count("File") == 1
    assert "line 2, in f" in verdict.trace


def test_a_check_knows_whose_answers_it_judges(course):
    test = "from course.practice import student\nassert f() == student('none')"
    pretends = (
        "import os\nos.environ['COURSE_STUDENT'] = 'eve'\n"
        "def f(): return os.environ['COURSE_STUDENT']"
    )
    names = ("ada", "eve", "")
    cells = [TestCell("t", test, 1, student=name) for name in names]
    verdicts = course.judge([pretends], *cells)
    assert [verdict.points for verdict in verdicts] == [0, 1, 0]
    (nobody,) = course.judge(["def f(): return 'none'"], cells[2])
    assert nobody.points == 1


def test_two_cells_share_nothing(course):
    first = TestCell("a", "def f(): return 2\nassert g() == 1", 1)
    second = TestCell("b", "assert f() == 2", 1)
    verdicts = course.judge(["def g(): return 1"], first, second)
    assert [verdict.points for verdict in verdicts] == [1, 0]
    assert "no f" in verdicts[1].message


def test_a_lost_student_is_replaced_and_old_handles_are_dead(course):
    gone = course.verdict("import os\ndef f(): os._exit(0)", "f()")
    assert gone.lost
    assert gone.error == "StudentGone"
    again = course.checker.check(TestCell("t", "assert f() == 1", 1))
    assert (again.points, again.error) == (0, "StudentGone")
    assert course.verdict("def f(): return 1", "assert f() == 1").points == 2


def test_a_checker_that_hangs_or_dies_is_a_verdict():
    course = Course("numpy")
    verdict = course.verdict(
        "def f(): return 1", "import os\nos._exit(f())", seconds=1
    )
    assert (verdict.error, verdict.is_fault) == ("CheckStopped", True)
    assert not course.checker.is_alive
    assert course.checker.check(TestCell("t", "f()", 1)).points == 0
    course.close()
