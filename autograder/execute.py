"""Run a submission's cells so that a bad one costs only itself.

nbgrader's own Execute runs them in a kernel with the teacher's rights, and a
cell that ends the kernel (`os._exit`) ends the whole submission: no question
gets a score. Here they run in a sandboxed process, forked from a warmed
parent; when a cell takes it along, a new one is forked, the cells that had
succeeded are run again, and grading goes on behind the culprit.
"""

import os
import re
import socket
import time

from nbformat import NotebookNode, v4
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Enum, Integer, List, Unicode

from autograder.checker import checker
from autograder.rebuild import SKIP
from autograder.rules import Cell, Rules, rules
from autograder.sandbox import Limits, SandboxError
from autograder.student import Lost, Student
from autograder.testcell import TestCell
from autograder.verdict import Verdict, record, refused

_IMPORT = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)
_OPEN = (
    "> **Graded without a sandbox.** The submitted code ran with the rights "
    'of the person who graded it (`CourseExecute.sandbox = "off"`).'
)


class CourseExecute(Execute):
    """nbgrader's Execute in a sandbox, with limits, and no lost kernels."""

    sandbox = Enum(
        ["required", "off"],
        "required",
        help="'required' runs submissions in a sandbox, or not at all. 'off' "
        "runs them with your own rights: they can read your files, change "
        "the gradebook and use the network.",
    ).tag(config=True)

    answer_seconds = Integer(
        10,
        help="Seconds for an answer, or for all calls of a test cell.",
    ).tag(config=True)

    import_seconds = Integer(
        15,
        help="Seconds on top, for an answer that imports a package which no "
        "cell above it imports.",
    ).tag(config=True)

    other_seconds = Integer(
        60,
        help="Seconds for any other cell.",
    ).tag(config=True)

    notebook_seconds = Integer(
        600,
        help="Seconds for all cells together, those run again included.",
    ).tag(config=True)

    memory_mb = Integer(
        Limits.memory >> 20,
        help="Megabytes of memory that a submission may use.",
    ).tag(config=True)

    disk_mb = Integer(
        Limits.disk >> 20,
        help="Megabytes of files that it may write; they lie in memory.",
    ).tag(config=True)

    file_mb = Integer(
        Limits.file >> 20,
        help="Megabytes that one of these files may have.",
    ).tag(config=True)

    processes = Integer(
        Limits.processes,
        help="Processes and threads that it may have.",
    ).tag(config=True)

    output_bytes = Integer(
        1 << 20,
        help="Bytes of text and figures that are kept of one cell.",
    ).tag(config=True)

    visible_paths = List(
        Unicode(),
        help="More files and folders that submissions may read, such as one "
        "with a dataset.",
    ).tag(config=True)

    def preprocess(self, nb, resources=None, km=None):
        """Run all cells, and say so if nothing contained them."""
        if os.name == "nt":
            return self._preprocess_on_windows(nb, resources, km)
        self.run(nb, resources)
        if self.sandbox == "off":
            self._say_so(nb)
        return nb, resources

    def run(self, nb: NotebookNode, resources: dict | None) -> None:
        """Run all cells; each gets its outputs."""
        self.nb, self.resources = nb, resources or {}
        self._student: Student | None = None
        self._culprits: set[int] = set()
        self._end = time.monotonic() + self.notebook_seconds
        try:
            for index, cell in enumerate(nb.cells):
                if _is_run(cell):
                    self._run(cell, index)
        finally:
            self._stop()
        nb.metadata["language_info"] = {"name": "python"}

    def seconds(self, cell: NotebookNode) -> int:
        """How long `cell` may run, or a test wait for the student's code."""
        if _is_test(cell):
            return self.answer_seconds
        if not (is_grade(cell) or is_solution(cell)):
            return self.other_seconds
        above: set[str] = set()
        for other in self.nb.cells:
            if other is cell:
                break
            if _is_run(other):
                above.update(_IMPORT.findall(other.source))
        imports_more = set(_IMPORT.findall(cell.source)) - above
        more = self.import_seconds if imports_more else 0
        return self.answer_seconds + more

    def _run(self, cell: NotebookNode, index: int) -> None:
        cell.outputs, cell.execution_count = [], None
        if not cell.source.strip():
            return
        try:
            student = self._ready(index)
            if _is_test(cell):
                record(self._check(cell), cell)
            else:
                cell.outputs = student.execute(
                    cell.source, self._seconds_left(cell)
                )
            if any(out.get("ename") == "MemoryError" for out in cell.outputs):
                self._stop()  # what fills the memory would stay in it
        except Lost as error:
            self.log.error("cell %s: %s", index, error)
            self._stop()
            cell.outputs = [*error.outputs, _lost(error)]
            if _is_test(cell):
                points = cell.metadata.nbgrader.points
                record(refused(points, error.name, str(error)), cell)
        cell.execution_count = index + 1

    def _check(self, cell: NotebookNode) -> Verdict:
        """What a test cell decides, in the checker's process."""
        known = self._rules(cell)
        test = TestCell(
            cell.metadata.nbgrader.grade_id,
            cell.source,
            cell.metadata.nbgrader.points,
            self._seconds_left(cell),
            known and known.allows,
            known.forbids if known else (),
            self.resources.get("nbgrader", {}).get("student", ""),
        )
        if known and known.broken:
            message = "; ".join(known.broken)
            return refused(test.points, "NotAllowed", message)
        verdict = checker().check(test)
        if verdict.is_fault:
            self.log.error("%s: %s", test.id, verdict.detail)
        if verdict.lost:
            self._stop()
        return verdict

    def _rules(self, test: NotebookNode) -> Rules | None:
        """What the answers that a test judges may use; None without any."""
        of = test.metadata.get("course", {}).get("of", [])
        if not of:
            return None
        return rules(
            [_as_cell(cell) for cell in self.nb.cells if _is_run(cell)], of
        )

    def _ready(self, index: int) -> Student:
        """The process, in which the cells above `index` have run."""
        while self._student is None:
            if time.monotonic() > self._end:
                raise Lost("CellTimeoutError", "no time is left")
            self._student = self._fork()
            for position, cell in enumerate(self.nb.cells[:index]):
                if position in self._culprits or not _is_run_again(cell):
                    continue
                try:
                    self._student.execute(cell.source, self._seconds_left(cell))
                except Lost:  # it worked once, but not now
                    self._culprits.add(position)
                    self._stop()
                    break
        return self._student

    def _fork(self) -> Student:
        limits = Limits(
            memory=self.memory_mb << 20,
            processes=self.processes,
            file=self.file_mb << 20,
            disk=self.disk_mb << 20,
        )
        ours, theirs = socket.socketpair()
        try:
            with ours, theirs:
                student = Student(
                    data=self.resources.get("metadata", {}).get("path"),
                    visible=self.visible_paths,
                    limits=limits,
                    output_bytes=self.output_bytes,
                    extra=theirs,
                    hook="autograder.student_end:serve",
                    sandboxed=self.sandbox == "required",
                    compiled=self.resources.get("compiled"),
                )
                checker().connect(ours)
            return student
        except SandboxError as error:
            raise SandboxError(
                f"submissions are run in a sandbox only, but {error}. To run "
                "them with your own rights instead, set "
                'c.CourseExecute.sandbox = "off" in nbgrader_config.py'
            ) from None

    def _stop(self) -> None:
        if self._student is not None:
            self._student.close()
            self._student = None

    def _seconds_left(self, cell: NotebookNode) -> float:
        left = max(0.1, self._end - time.monotonic())
        return min(self.seconds(cell), left)

    def _preprocess_on_windows(self, nb, resources, km):
        """Nothing can be forked there: nbgrader's own kernel."""
        if self.sandbox == "required":
            raise SandboxError(
                "received the platform Windows, expected Linux: submissions "
                "are run in a sandbox only; use WSL, or set "
                'c.CourseExecute.sandbox = "off" to run them with your rights'
            )
        nb, resources = super().preprocess(nb, resources, km)
        for cell in nb.cells:
            if is_grade(cell):
                _keep_warnings_out_of_the_verdict(cell.get("outputs", []))
        self._say_so(nb)
        return nb, resources

    def _say_so(self, nb: NotebookNode) -> None:
        """Tell the teacher and the student that nothing was contained."""
        self.log.warning("graded without a sandbox")
        note = v4.new_markdown_cell(
            _OPEN, metadata={"course": {"role": "note"}}
        )
        if (nb.nbformat, nb.nbformat_minor) < (4, 5):
            del note["id"]
        nb.cells.insert(0, note)


def _is_test(cell: NotebookNode) -> bool:
    """Whether a test decides about it, not a person."""
    return is_grade(cell) and not is_solution(cell)


def _as_cell(cell: NotebookNode) -> Cell:
    course = cell.metadata.get("course", {})
    return Cell(
        cell.get("id", ""),
        cell.source,
        "test" if _is_test(cell) else course.get("role", "lecture"),
        tuple(course.get("allows", ())),
        tuple(course.get("forbids", ())),
    )


def _is_run(cell: NotebookNode) -> bool:
    """Whether it is code, and the rebuild left it to be run."""
    return cell.cell_type == "code" and SKIP not in cell.metadata.get(
        "tags", []
    )


def _is_run_again(cell: NotebookNode) -> bool:
    """Whether a fresh process needs it: it is no test, and it succeeded."""
    return (
        _is_run(cell)
        and bool(cell.source.strip())
        and not is_grade(cell)
        and not any(output.output_type == "error" for output in cell.outputs)
    )


def _keep_warnings_out_of_the_verdict(outputs: list[NotebookNode]) -> None:
    """Make stderr of a test cell stdout.

    nbgrader gives no point to a test cell that wrote to stderr, where both
    backends and any deprecation write as well.
    """
    for output in outputs:
        if output.output_type == "stream":
            output.name = "stdout"


def _lost(error: Lost) -> NotebookNode:
    lines = [f"{error.name}: this cell was stopped: {error}."]
    if error.name == "CellTimeoutError":
        lines += ["Does a loop in it, or in a function it calls, never end?"]
    lines += ["The cells below ran in a fresh Python, without what it defines."]
    return v4.new_output(
        "error", ename=error.name, evalue=str(error), traceback=lines
    )
