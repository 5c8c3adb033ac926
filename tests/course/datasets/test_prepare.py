"""digit_scenes on the disk: whole, unchanged, or not at all."""

import contextlib
import resource
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from course.datasets.digit_scenes import Recipe, scene
from course.datasets.digit_scenes.builder import DigitScenesConfig
from course.datasets.digit_scenes.prepare import check, prepared

pytestmark = pytest.mark.any_backend

TINY = Recipe(
    size=32, digits=(0, 2), scale=(1.5, 2.5), train=12, validation=4, test=3
)


def config(recipe=TINY):
    return DigitScenesConfig(name="tiny", recipe=recipe)


def files(folder):
    return sorted(p for p in Path(folder).rglob("*-of-*") if p.is_file())


def run(program):
    """Run a program in another process, with `folder` as its argument."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError(f"asked for the network: {arguments}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_what_is_read_is_what_was_made(tmp_path, no_network, capfd):
    builder = prepared(config(), str(tmp_path))
    said = capfd.readouterr()
    assert said.out == ""
    assert "digit_scenes validation" in said.err
    assert "examples" not in said.err
    for part, count in (("train", 12), ("validation", 4), ("test", 3)):
        source = builder.as_data_source(part)
        assert len(source) == count
        for index in range(count):
            compare(source[index], scene(TINY, part, index))


def compare(read, made):
    for key in ("image", "mask", "instances"):
        np.testing.assert_array_equal(read[key], getattr(made, key))
    for k, (left, top, right, bottom) in enumerate(made.boxes):
        np.testing.assert_array_equal(
            read["objects"]["bbox"][k] * TINY.size, [top, left, bottom, right]
        )
        assert read["objects"]["label"][k] == made.classes[k]


def test_tfds_knows_them_too(tmp_path):
    prepared(config(), str(tmp_path))
    folder = tmp_path / "digit_scenes" / "tiny" / "1.0.0"
    builder = tfds.builder_from_directory(folder)
    compare(builder.as_data_source("test")[2], scene(TINY, "test", 2))
    names = builder.info.features["objects"]["label"].names
    assert names == [str(digit) for digit in range(10)]


def test_a_second_call_makes_nothing(tmp_path, capfd):
    prepared(config(), str(tmp_path))
    before = {path: path.stat().st_mtime_ns for path in files(tmp_path)}
    capfd.readouterr()
    prepared(config(), str(tmp_path))
    assert {p: p.stat().st_mtime_ns for p in files(tmp_path)} == before
    assert "digit_scenes" not in capfd.readouterr().err


def test_a_killed_call_leaves_nothing_that_counts(tmp_path):
    killed = run(
        f"""
        import os, signal
        from course.datasets.digit_scenes import Recipe, builder
        from course.datasets.digit_scenes.prepare import prepared
        make = builder.scene

        def die(recipe, part, index):
            if (part, index) == ("validation", 2):
                os.kill(os.getpid(), signal.SIGKILL)
            return make(recipe, part, index)

        builder.scene = die
        config = builder.DigitScenesConfig(name="tiny", recipe={TINY!r})
        prepared(config, {str(tmp_path)!r})
        """
    )
    assert killed.returncode == -9, killed.stderr
    home = tmp_path / "digit_scenes" / "tiny"
    assert [path.name for path in home.glob("incomplete*")], "died too early"
    assert not (home / "1.0.0").exists()
    builder = prepared(config(), str(tmp_path))
    compare(builder.as_data_source("test")[0], scene(TINY, "test", 0))
    assert not list(home.glob("incomplete*"))


def test_two_calls_at_once_make_one(tmp_path):
    program = f"""
from course.datasets.digit_scenes import Recipe
from course.datasets.digit_scenes.builder import DigitScenesConfig
from course.datasets.digit_scenes.prepare import check, prepared
config = DigitScenesConfig(name="tiny", recipe={TINY!r})
check(prepared(config, {str(tmp_path)!r}), "train")
"""
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program], stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("digit_scenes train" in each for each in said) == 1


def test_a_folder_without_checksums_is_not_taken_for_whole(tmp_path):
    half = tmp_path / "digit_scenes" / "tiny" / "1.0.0"
    half.mkdir(parents=True)
    (half / "digit_scenes-train.array_record-00000-of-00001").write_text("x")
    builder = prepared(config(), str(tmp_path))
    compare(builder.as_data_source("train")[3], scene(TINY, "train", 3))


@contextlib.contextmanager
def files_of_at_most(size):
    """As if the disk were full: no file can grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_at_the_end(tmp_path):
    with (
        files_of_at_most(10_000),
        pytest.raises(OSError, match=r"(?s)could not be written.*Make room"),
    ):
        prepared(config(), str(tmp_path))
    assert files(tmp_path) == []
    builder = prepared(config(), str(tmp_path))
    compare(builder.as_data_source("test")[0], scene(TINY, "test", 0))


def test_a_disk_that_is_too_small_to_begin(tmp_path):
    many = Recipe(size=32, scale=(2, 2.5), train=10**13)
    with pytest.raises(OSError, match=r"need up to .* MB in .*Make room"):
        prepared(config(many), str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["truncated", "changed", "lost"])
def test_damaged_files_are_named(tmp_path, damage):
    builder = prepared(config(), str(tmp_path))
    check(builder, "train")
    path = next(p for p in files(tmp_path) if "train" in p.name)
    content = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(content[:-100])
    elif damage == "changed":
        path.write_bytes(content[:500] + b"?" + content[501:])
    else:
        path.unlink()
    with pytest.raises(OSError, match="Delete the folder") as raised:
        check(builder, "train")
    assert str(path) in str(raised.value)
    check(builder, "test")


def test_an_unknown_kind(tmp_path):
    with pytest.raises(ValueError, match=r"no digit_scenes/97.*64, 128"):
        prepared("97", str(tmp_path))
