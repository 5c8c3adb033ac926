"""Problems about channels after concatenation."""

from typing import Any

from course.practice.dice import Dice
from course.practice.problem import numbered, recognized
from course.practice.steps import counted

TERMS = " + "


def concatenation(dice: Dice, level: int) -> dict[str, Any]:
    """An inception module: naive at level 1, reduced at 2, deeper at 3."""
    before = dice.choice((16, 24, 32, 48, 64))
    branches = [[(1, _filters(dice))]]
    for k in (3, 5):
        reduced = [(1, _filters(dice))] if level > 1 else []
        branches.append([*reduced, (k, _filters(dice))])
    if level > 2:
        k = dice.choice((3, 7))
        branches[2] += [(k, _filters(dice))]
    pooled = [(1, _filters(dice))] if level > 1 else []
    outputs = [branch[-1][1] for branch in branches]
    outputs.append(pooled[-1][1] if pooled else before)
    answer = sum(outputs)
    given = {
        "in_channels": before,
        "branches": tuple(tuple(branch) for branch in branches),
        "after_pooling": tuple(pooled),
    }
    listed = "\n".join(
        f"- {', then '.join(words)}" for words in _branches(branches, pooled)
    )
    return {
        "question": (
            f"A map of {before} channels goes through four branches side by "
            f"side:\n\n{listed}\n\nEvery layer keeps height and width; the "
            "branches' outputs are concatenated along the channels. How many "
            "channels come out?"
        ),
        "given": given,
        "answer": answer,
        "solution": numbered(
            [
                "A branch gives the channels of its last layer; a pooling "
                "leaves them as they are: "
                f"{', '.join(map(str, outputs))}.",
                f"Concatenated they add up: {TERMS.join(map(str, outputs))} = "
                f"**{answer}**.",
            ]
        ),
        "advice": "What does each branch hand over at its end?",
        "slips": recognized(answer, *_inception_slips(given, outputs)),
    }


def _filters(dice: Dice) -> int:
    return 4 * dice.between(1, 12)


def _branches(branches, pooled) -> list[list[str]]:
    words = [
        [f"{filters} filters of {k}×{k}" for k, filters in branch]
        for branch in branches
    ]
    tail = [f"{filters} filters of {k}×{k}" for k, filters in pooled]
    return [*words, ["max pooling 3×3 at stride 1", *tail]]


def _inception_slips(given, outputs) -> list[tuple[str, int]]:
    every = [*given["branches"], given["after_pooling"]]
    filters = sum(count for branch in every for _, count in branch)
    before, pooled = given["in_channels"], given["after_pooling"]
    answer = sum(outputs)
    return [
        (
            "Only a branch's last layer is concatenated.",
            filters if pooled else filters + before,
        ),
        ("What does the pooling's branch give?", answer - outputs[-1]),
        (
            "The pooling's branch has filters of its own behind it."
            if pooled
            else "Pooling makes no new channels, and loses none.",
            answer - outputs[-1] + before,
        ),
        ("The input itself is not concatenated.", answer + before),
        (
            "Concatenated maps lie side by side, they are not added.",
            max(outputs),
        ),
    ]


def dense_block(dice: Dice, level: int) -> dict[str, Any]:
    """Channels through dense blocks, one a level, halved in between."""
    before, growth = dice.choice((8, 16, 24, 64)), dice.choice((4, 6, 8, 12))
    if level > 1:
        growth = dice.choice((5, 7, 8, 12))
    blocks = tuple(dice.between(2, 6) for _ in range(level))
    answer, lines = _grow(before, growth, blocks)
    listed = ", then ".join(f"a dense block of {n} layers" for n in blocks)
    between = (
        " A transition between two blocks is a 1×1 convolution with half as "
        "many filters as it reads channels, rounded down."
        if level > 1
        else ""
    )
    return {
        "question": (
            f"A map of {before} channels goes through {listed}. "
            f"Each layer of a block makes {growth} channels (the growth rate), "
            "which are concatenated to all that it read."
            f"{between} How many channels come out of the last block?"
        ),
        "given": {
            "in_channels": before,
            "growth": growth,
            "blocks": blocks,
        },
        "answer": answer,
        "solution": numbered(lines),
        "advice": "Write the channels down behind every layer of a block.",
        "slips": recognized(answer, *_dense_slips(before, growth, blocks)),
    }


def _grow(before, growth, blocks) -> tuple[int, list[str]]:
    """Channels behind the last block, and a line for each block."""
    lines, channels = [], before
    for i, number in enumerate(blocks):
        if i:
            lines.append(f"Transition: ⌊{channels} / 2⌋ = {channels // 2}.")
            channels //= 2
        after = channels + number * growth
        lines.append(
            f"Block of {counted(number, 'layer')}: {channels} + "
            f"{number}·{growth} = **{after}**."
        )
        channels = after
    return channels, lines


def _dense_slips(before, growth, blocks) -> list[tuple[str, int]]:
    answer, _ = _grow(before, growth, blocks)
    rounded = before
    for i, number in enumerate(blocks):
        rounded = (-(-rounded // 2) if i else rounded) + number * growth
    fewer = tuple(number - 1 for number in blocks)
    return [
        ("A block keeps what came in.", blocks[-1] * growth),
        ("Layers add channels, they do not replace them.", growth),
        (
            "The last layer's channels come out, too.",
            _grow(before, growth, fewer)[0],
        ),
        ("Round half of an odd number down.", rounded),
        (
            "A transition halves the channels.",
            before + sum(blocks) * growth,
        ),
        ("Behind the last block there is no transition.", answer // 2),
        (
            "A layer makes as many channels as the growth rate, whatever it "
            "reads.",
            before * 2 ** blocks[0] if len(blocks) == 1 else None,
        ),
    ]
