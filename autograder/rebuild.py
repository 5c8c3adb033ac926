"""The notebook that is graded, made from the one that was handed in.

Every cell of the lecture comes from the instructor's source, in its order; of
the submission only the answers, the written text and the student's own cells
are taken. So nothing a student, or a tool, did to the lecture's cells can
change what is asked, what is run, or in which order.

The source notebook is taken rather than the gradebook's copy of its cells:
the gradebook knows neither the demos nor what an answer allows. Its checksums
must agree, so that nobody is graded against questions that are not recorded.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from nbgrader.preprocessors.base import NbGraderPreprocessor

from autograder import harmless
from autograder.build import DropNotes
from autograder.demos import Code, Names, names, needed
from autograder.questions import Question, questions
from autograder.root import BUILD
from autograder.source import solution

# nbclient does not run a cell with this tag.
SKIP = "skip-execution"
_ANSWERS = ("answer", "written")


class Rebuild(NbGraderPreprocessor):
    """Make the notebook that is graded; nbgrader's first step of grading."""

    def preprocess(
        self, nb: NotebookNode, resources: dict
    ) -> tuple[NotebookNode, dict]:
        """Rebuild the submission `nb`.

        Raises:
            ValueError: The gradebook holds other questions than the source.
        """
        about = resources["nbgrader"]
        lecture = read_lecture(about["source_notebook"], self)
        _check_recorded(lecture, about)
        rebuilt, notes = rebuild(lecture, nb.cells)
        notes = [*nb.metadata.get("course", {}).get("notes", []), *notes]
        for note in notes:
            self.log.warning("%s: %s", about["student"], note)
        if notes:
            rebuilt.cells.insert(0, _note_cell(notes))
        return rebuilt, resources


@dataclass(frozen=True)
class Lecture:
    """A lecture's cells before any student wrote in them.

    Attributes:
        notebook: With the stubs and the hidden tests.
        released: By position, the text that the students received.
        schemes: By position, what a written answer's marks are given for.
        questions: What is asked, and which slide teaches it.
    """

    notebook: NotebookNode
    released: list[str]
    schemes: dict[int, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def role(self, position: int) -> str:
        """The cell's role: given, answer, test, written or lecture."""
        course = self.notebook.cells[position].metadata.get("course", {})
        return course.get("role", "lecture")


def read_lecture(path: str, parent: NbGraderPreprocessor) -> Lecture:
    """The lecture whose instructor notebook is at `path`.

    Args:
        parent: Whose settings nbgrader's steps take.
    """
    graded = nbformat.read(path, as_version=4)
    graded, _ = DropNotes(parent=parent).preprocess(graded, {})
    schemes = {
        position: solution(cell.source)
        for position, cell in enumerate(graded.cells)
        if _role(cell) == "written"
    }
    for step in (ClearSolutions, LockCells, ComputeChecksums):
        graded, _ = step(parent=parent).preprocess(graded, {})
    released = deepcopy(graded)
    for step in (ClearHiddenTests, ClearMarkScheme):
        released, _ = step(parent=parent).preprocess(released, {})
    return Lecture(
        graded,
        [cell.source for cell in released.cells],
        schemes,
        questions(released.cells),
    )


def _check_recorded(lecture: Lecture, about: dict) -> None:
    with Gradebook(about["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(
            about["notebook"], about["assignment"]
        )
        recorded = {cell.name: cell.checksum for cell in notebook.source_cells}
    ours = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.checksum
        for cell in lecture.notebook.cells
        if "nbgrader" in cell.metadata
    }
    differ = sorted(name for name, _ in ours.items() ^ recorded.items())
    if differ:
        raise ValueError(
            f"the gradebook records {', '.join(dict.fromkeys(differ))} "
            f"otherwise than {about['source_notebook']}; run: {BUILD}"
        )


def rebuild(
    lecture: Lecture, submitted: Sequence[NotebookNode]
) -> tuple[NotebookNode, list[str]]:
    """The notebook to grade, and what the student should know about it.

    Args:
        submitted: Cells as `read_submission` gives them.
    """
    match = _Match(lecture, list(submitted))
    _match_ids(match)
    _match_text(match)
    _match_definitions(match)
    _match_written(match)
    _choose(match)
    notebook = deepcopy(lecture.notebook)
    notebook.metadata["course"] = {
        "questions": [asdict(question) for question in lecture.questions]
    }
    notebook.cells = list(_arrange(match, notebook.cells))
    _name_cells(notebook.cells)
    _skip_demos(notebook.cells)
    _skip_stubs(match, notebook.cells)
    _note_altered(match)
    _note_lost(match)
    return notebook, match.notes


@dataclass
class _Match:
    """Which submitted cells belong to which cells of the lecture.

    Attributes:
        copies: By position in the lecture, positions in the submission.
        chosen: The one of each position's copies that counts.
        extra: Earlier versions of an answer; they run before it.
        dropped: Submitted cells that repeat the lecture.
        altered: Names of locked cells that are not as handed out.
    """

    lecture: Lecture
    submitted: list[NotebookNode]
    copies: dict[int, list[int]] = field(default_factory=dict)
    chosen: dict[int, int] = field(default_factory=dict)
    extra: dict[int, list[int]] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    def add(self, position: int, index: int) -> None:
        self.copies.setdefault(position, []).append(index)

    def open(self) -> list[int]:
        """Submitted cells that belong to no cell of the lecture yet."""
        taken = {index for found in self.copies.values() for index in found}
        return [i for i in range(len(self.submitted)) if i not in taken]

    def lacking(self, *roles: str) -> list[int]:
        """Cells of the lecture, of these roles if any, that have no copy."""
        return [
            position
            for position in range(len(self.lecture.released))
            if position not in self.copies
            and (not roles or self.lecture.role(position) in roles)
        ]

    def is_changed(self, position: int, index: int) -> bool:
        """Whether a submitted cell differs from the one handed out."""
        text = self.submitted[index].source.strip()
        released = self.lecture.released[position].strip()
        if self.lecture.role(position) in _ANSWERS:
            return text not in ("", released)  # an emptied one is no answer
        return text != released

    def name(self, position: int) -> str:
        return self.lecture.notebook.cells[position].id


def _match_ids(match: _Match) -> None:
    positions = {
        cell.id: position
        for position, cell in enumerate(match.lecture.notebook.cells)
    }
    strangers = []
    for index, cell in enumerate(match.submitted):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        # an exercise keeps its grade_id where a tool renews the cell ids
        ids = (grade_id, cell.get("id"), cell.metadata.get("id"))
        known = [name for name in ids if name in positions]
        if known:
            match.add(positions[known[0]], index)
        elif grade_id:
            strangers.append(grade_id[:64])
    if strangers:
        match.notes.append(
            f"{_list(strangers)}: no question of this lecture has this name "
            "(any more); the cell was run as one of your own."
        )


def _match_text(match: _Match) -> None:
    """A cell without its id may still say what the lecture's cell says."""
    lacking = match.lacking()
    for index in match.open():
        text = match.submitted[index].source.strip()
        for position in lacking:
            if text and text == match.lecture.released[position].strip():
                match.add(position, index)
                lacking.remove(position)
                break


def _match_definitions(match: _Match) -> None:
    """An answer without its id still defines what was asked for."""
    for position in match.lacking("answer"):
        asked = names(match.lecture.released[position]).defined
        for index in match.open():
            given = names(match.submitted[index].source).defined
            if asked and asked <= given:
                match.add(position, index)
        if position in match.copies:
            match.notes.append(
                f"{match.name(position)}: the answer's cell had lost its id; "
                "it was found by the names that it defines."
            )


def _match_written(match: _Match) -> None:
    """A written answer without its id stands behind the cell before it."""
    for position in match.lacking("written"):
        before = match.copies.get(position - 1, [-1])[-1] + 1
        if (
            before in match.open()
            and match.submitted[before].cell_type != "code"
        ):
            match.add(position, before)
            match.notes.append(
                f"{match.name(position)}: the answer's cell had lost its id; "
                "the text in its place was taken."
            )


def _choose(match: _Match) -> None:
    """Decide which copy of each cell counts, and what becomes of the others.

    An answer's last filled-in copy counts: it had the last word when the
    student ran the notebook. Filled-in copies before it run before it, as
    they did there (a split cell has its id twice). Of a locked cell's copies
    those that were changed are the student's own experiments.
    """
    for position, found in match.copies.items():
        changed = [i for i in found if match.is_changed(position, i)]
        if match.lecture.role(position) in _ANSWERS:
            best = (changed or found)[-1]
            match.extra[position] = [i for i in changed if i != best]
            match.dropped.update(i for i in found if i not in changed)
        else:
            same = [i for i in found if i not in changed]
            best = (same or found)[0]
            match.dropped.update(same)
        match.chosen[position] = best
        match.dropped.add(best)
        match.dropped.update(match.extra.get(position, []))
        _note_choice(match, position, len(found), len(changed))


def _note_choice(
    match: _Match, position: int, found: int, changed: int
) -> None:
    name = match.name(position)
    is_answer = match.lecture.role(position) in _ANSWERS
    if is_answer and found > 1:
        which = "the last one that you filled in" if changed else "no one"
        match.notes.append(
            f"{name}: the answer's cell is there {found} times, "
            f"{changed} filled in; {which} counts. Keep one."
        )
    if not is_answer and found == changed:
        match.altered.append(name)
    expected = match.lecture.notebook.cells[position].cell_type
    got = match.submitted[match.chosen[position]].cell_type
    if got != expected:
        match.notes.append(
            f"{name}: this cell was made a {got} cell; it was graded as the "
            f"{expected} cell it was."
        )


def _note_altered(match: _Match) -> None:
    """One line, for a lecture that was updated differs in many cells."""
    if match.altered:
        match.notes.append(
            f"{_list(match.altered)}: not as the lecture has it; the original "
            "was used. Put your own work in cells of your own. If you changed "
            "nothing there, the lecture was updated after you received it."
        )


def _note_lost(match: _Match) -> None:
    lost = [match.name(position) for position in match.lacking()]
    lost_answers = [match.name(p) for p in match.lacking(*_ANSWERS)]
    if lost:
        match.notes.append(
            f"{_list(lost)}: missing from the submission; put back as handed "
            "out."
        )
    if lost_answers:
        match.notes.append(
            f"{_list(lost_answers)}: so nothing was answered there. If you "
            "did answer, hand in the notebook with these cells."
        )


def _list(words: Sequence[str]) -> str:
    """The first of many words.

    >>> _list(["a"] * 12)
    'a, a, a, a, a, a, a, a, and 4 more'
    """
    more = [f"and {len(words) - 8} more"] if len(words) > 8 else []
    return ", ".join([*words[:8], *more])


def _arrange(
    match: _Match, cells: Sequence[NotebookNode]
) -> Iterator[NotebookNode]:
    own = _places(match)
    for position in range(-1, len(cells)):
        if position >= 0:
            for index in match.extra.get(position, []):
                yield _own_cell(match.submitted[index])
            yield _filled(match, position, cells[position])
        if position in match.lecture.schemes:
            yield _scheme_cell(match.lecture.schemes[position], position)
        for index in own.get(position, []):
            yield _own_cell(match.submitted[index])


def _filled(match: _Match, position: int, cell: NotebookNode) -> NotebookNode:
    """The lecture's cell, with the student's answer where it asks for one."""
    index = match.chosen.get(position)
    if (
        index is not None
        and match.lecture.role(position) in _ANSWERS
        and match.is_changed(position, index)
    ):
        cell.source = _shown(match.submitted[index], cell.cell_type)
        _copy_attachments(match.submitted[index], cell)
    return cell


def _scheme_cell(scheme: str, position: int) -> NotebookNode:
    """What the assistant reads in formgrader below the student's text."""
    cell = v4.new_markdown_cell(
        f"**For the teacher: model answer and marking scheme**\n\n{scheme}",
        metadata={
            "course": {"role": "scheme"},
            "editable": False,
            "deletable": False,
        },
    )
    cell.id = f"_scheme-{position}"
    return cell


def _own_cell(submitted: NotebookNode) -> NotebookNode:
    make = getattr(v4, f"new_{submitted.cell_type}_cell")
    source = _shown(submitted, submitted.cell_type)
    cell = make(source, metadata={"course": {"role": "own"}})
    cell.id = submitted.get("id", "")
    _copy_attachments(submitted, cell)
    return cell


def _copy_attachments(submitted: NotebookNode, cell: NotebookNode) -> None:
    if cell.cell_type == "markdown" and "attachments" in submitted:
        cell.attachments = harmless.attachments(submitted.attachments)


def _shown(submitted: NotebookNode, cell_type: str) -> str:
    """Its text in a cell of this type; code is shown as it is."""
    if cell_type == "code":
        return submitted.source
    return harmless.markdown(submitted.source)


def _places(match: _Match) -> dict[int, list[int]]:
    """The student's own cells by the lecture's cell that they stand behind.

    Their neighbours are the lecture's cells that are still in order: a cell
    that was moved does not take the student's with it. Given cells and demos
    that are missing there come first, for the student's may need them.
    """
    position_of = {index: p for p, index in match.chosen.items()}
    kept = set(_in_order([position_of[i] for i in sorted(position_of)]))
    behind, places = -1, {}
    for index in range(len(match.submitted)):
        position = position_of.get(index)
        if position in kept:
            behind = position
        elif index not in match.dropped:
            places.setdefault(_skip_lost(match, kept, behind), []).append(index)
    return places


def _skip_lost(match: _Match, kept: set[int], behind: int) -> int:
    last = len(match.lecture.released) - 1
    while (
        behind < last
        and behind + 1 not in kept
        and match.lecture.role(behind + 1) in ("given", "lecture")
    ):
        behind += 1
    return behind


def _in_order(positions: Sequence[int]) -> list[int]:
    """The longest increasing part of different `positions`.

    >>> _in_order([0, 5, 1, 2, 4, 3])
    [0, 1, 2, 3]
    """
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for position in positions:
        place = bisect_left(ends, position)
        before[position] = ends[place - 1] if place else None
        ends[place : place + 1] = [position]
    part, position = [], ends[-1] if ends else None
    while position is not None:
        part.append(position)
        position = before[position]
    return part[::-1]


def _name_cells(cells: Sequence[NotebookNode]) -> None:
    """Give each own cell an id that is legal and not taken."""
    taken = {cell.id for cell in cells if _role(cell) != "own"}
    for number, cell in enumerate(cells):
        if _role(cell) != "own":
            continue
        is_legal = re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell.id)
        if not is_legal or cell.id in taken:
            cell.id = f"_own-{number}"  # no lecture's id begins like this
        taken.add(cell.id)


def _role(cell: NotebookNode) -> str:
    return cell.metadata.get("course", {}).get("role", "lecture")


def _skip_demos(cells: Sequence[NotebookNode]) -> None:
    """Keep the demos that no student's cell needs from running.

    They stay in the notebook: the text around speaks of them, and a student's
    own cell stands between the neighbours that it was written for.
    """
    codes = [_code(cell) for cell in cells]
    runs = needed(codes)
    for position, cell in enumerate(cells):
        if codes[position].role == "demo" and position not in runs:
            cell.metadata["tags"] = [SKIP]


def _skip_stubs(match: _Match, cells: Sequence[NotebookNode]) -> None:
    """Keep a stub that was put back from undoing an answer given elsewhere."""
    lost = {match.name(position) for position in match.lacking("answer")}
    given: set[str] = set()
    for cell in cells:
        if _role(cell) in ("answer", "own") and cell.id not in lost:
            given |= names(cell.source).defined
    for cell in cells:
        if cell.id in lost and names(cell.source).defined <= given:
            cell.metadata["tags"] = [SKIP]


def _code(cell: NotebookNode) -> Code:
    role = _role(cell)
    if cell.cell_type != "code" or role == "test":
        return Code("other", Names())
    return Code("demo" if role == "lecture" else "user", names(cell.source))


def _note_cell(notes: Sequence[str]) -> NotebookNode:
    lines = "\n".join(f"- {note}" for note in dict.fromkeys(notes))
    cell = v4.new_markdown_cell(
        f"**Notes on what was handed in**\n\n{lines}",
        metadata={"course": {"role": "note"}},
    )
    cell.id = "_notes"
    return cell
