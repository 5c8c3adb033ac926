"""Who imports whom, read from the import statements."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_backend

ROOT = Path(__file__).parents[1]
BACKENDS = {"tensorflow", "jax", "torch"}

# Each part of course and the parts it may import; a new part gets its row.
MAY_IMPORT = {
    "__init__": set(),
    "__main__": {"catalogue", "devices", "summary"},
    "activations": set(),
    "arithmetic": set(),
    "augment": set(),
    "averages": set(),
    "blocks": {"arithmetic", "initializers", "layers"},
    "boxes": {"arithmetic"},
    "catalogue": {"models"},
    "checks": set(),
    "convolution_matrix": {"arithmetic"},
    "datasets": set(),
    "descent": set(),
    "detection": {"arithmetic", "blocks", "boxes", "layers"},
    "devices": set(),
    "explorer": {"plots", "receptive_field", "summary"},
    "features": set(),
    "gradients": set(),
    "inference": {"arithmetic"},
    "initializers": {"arithmetic"},
    "layers": {"arithmetic", "convolution_matrix", "devices", "windows"},
    "losses": {"arithmetic", "averages", "boxes"},
    "metrics": {"arithmetic", "averages", "boxes"},
    "models": {"activations", "arithmetic", "blocks", "layers", "weights"},
    "multiplications": {"arithmetic"},
    "plots": set(),
    "practice": {"arithmetic"},
    "receptive_field": {"arithmetic", "gradients", "windows"},
    "published": {"arithmetic"},
    "reference": {"activations", "arithmetic", "initializers", "layers"},
    "summary": {"multiplications", "receptive_field"},
    "surgery": set(),
    # a notebook shows curves while they grow
    "training": {"arithmetic", "devices", "plots"},
    "visualize": {"arithmetic", "gradients", "receptive_field"},
    "wiring": {"receptive_field"},
    # reads Keras graphs, so that a factory may offer weights="imagenet"
    "weights": set(),
    "windows": {"arithmetic"},
}
SPEAKS_TO_A_BACKEND = {"datasets", "gradients", "training/distribution"}


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the whole name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part(path: Path) -> str:
    """The part of course that a file belongs to."""
    return path.relative_to(ROOT / "course").with_suffix("").parts[0]


@pytest.mark.parametrize("path", files("course"), ids=str)
def test_course_imports_downwards(path):
    ours = part(path)
    assert ours in MAY_IMPORT, f"say in MAY_IMPORT what {ours} may import"
    names = imported(path)
    tops = {name.partition(".")[0] for name in names}
    assert "autograder" not in tops
    name = path.relative_to(ROOT / "course").with_suffix("").as_posix()
    assert {ours, name} & SPEAKS_TO_A_BACKEND or not tops & BACKENDS
    parts = {name.split(".")[1] for name in names if name.startswith("course.")}
    assert parts <= MAY_IMPORT[ours] | {ours}


def test_every_row_is_a_part():
    assert set(MAY_IMPORT) == {part(path) for path in files("course")}


@pytest.mark.parametrize("path", files("autograder"), ids=str)
def test_autograder_leaves_the_backends_to_keras(path):
    tops = {name.partition(".")[0] for name in imported(path)}
    # JAX's cache of compiled operations is JAX's own
    allowed = {"jax"} if path.name == "compiled.py" else set()
    assert tops & BACKENDS == allowed
