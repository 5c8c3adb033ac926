import pytest

from autograder.demos import Code, Names, names, needed

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize(
    ("source", "defined", "now", "later"),
    [
        ("x = y", "x", "y", ""),
        ("x = x + 1", "x", "x", ""),
        ("x = 1; y = x", "x y", "", ""),
        ("x += 1", "x", "x", ""),
        ("x[0].a = 1", "x", "x", ""),
        ("def f(a, b=c):\n    a[0] = 1\n    return d(a)", "f", "c", "d"),
        ("f = lambda a: a + b\nb = 1", "f b", "", ""),
        ("def f():\n    global g\n    g = 1", "f g", "", ""),
        ("class A(B):\n    c = d\n    def m(self): return e", "A", "B", "d e"),
        ("import a.b, c as d\nfrom e import f", "a d f", "", ""),
        ("for i in r:\n    s = i", "i s", "r i", ""),
        ("[i for i in r if i in s]", "", "r", "s"),
        ("with o() as (p, q): pass", "p q", "o", ""),
        ("%matplotlib inline\nx = 1", "x", "", ""),
        ("!ls\nx = !ls\nx?\n?x\nif y:\n    %run z\nz = 1", "x z", "y", ""),
        (">>> x = y", "x", "y", ""),
        ("%magic\n" * 5000 + "x = y", "x", "y", ""),  # and in no time
        ("%%time\nx = y", "x", "y", ""),
        ("%timeit f(x)", "", "f x", ""),
        ("%%bash\nls *.txt | wc", "", "", ""),
        ("x = (", "", "", ""),
        ("(" * 5000, "", "", ""),
        ("-" * 100_000 + "1", "", "", ""),
        ("x = await y", "x", "y", ""),
        ("", "", "", ""),
    ],
)
def test_names(source, defined, now, later):
    found = names(source)
    assert found == Names(
        frozenset(defined.split()),
        frozenset(now.split()),
        frozenset(later.split()),
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["d: x = 1", "d: y = 1", "u: x"], {0}),
        (["d: x = 1", "d: y = x", "u: y"], {0, 1}),
        (["d: x = 1", "u: x = 2", "u: x"], set()),
        (["d: x = 1", "u: x", "u: x = 2"], {0}),
        (["d: x = 1", "u: x = x + 1"], {0}),
        (["u: x", "d: x = 1"], set()),  # not defined there in JupyterLab
        (["u: def f(): return x", "d: x = 1"], {1}),
        (["d: x = 1", "d: x += 1", "u: x"], {0, 1}),
        (["d: x = []", "d: x[0] = 1", "u: x"], {0, 1}),
        (["d: x = 1", "o: x"], set()),
        (["d: x = y", "d: y = x", "u: x"], {0}),
    ],
)
def test_needed(cells, expected):
    roles = {"d": "demo", "u": "user", "o": "other"}
    codes = [Code(roles[cell[0]], names(cell[3:])) for cell in cells]
    assert needed(codes) == expected
