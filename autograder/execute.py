"""Run a submission's cells so that a bad one costs only itself.

nbgrader's own Execute interrupts a cell that takes too long and goes on. But
code that survives the interrupt (`except:` inside a loop) or that ends the
kernel (`os._exit`) ends the whole submission with an exception: no question
gets a score. Here the kernel is started anew instead, the cells that had
succeeded are run again, and grading goes on behind the culprit.
"""

import re

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Dict, Integer, List, default

_IMPORT = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)


class CourseExecute(Execute):
    """nbgrader's Execute with limits by kind of cell, and no lost kernels."""

    answer_seconds = Integer(
        10,
        help="Seconds for an answer or a test cell.",
    ).tag(config=True)

    import_seconds = Integer(
        15,
        help="Seconds on top, for an answer or a test cell that imports a "
        "package which no cell above it imports.",
    ).tag(config=True)

    other_seconds = Integer(
        60,
        help="Seconds for any other cell.",
    ).tag(config=True)

    extra_arguments = List(
        # or each kernel warns the terminal of its unencrypted local sockets
        ["--IPKernelApp.log_level=ERROR"]
    ).tag(config=True)

    error_on_timeout = Dict(
        {
            "ename": "CellTimeoutError",
            "evalue": "stopped",
            "traceback": [
                "CellTimeoutError: this cell took too long and was stopped.",
                "Does a loop in it, or in a function it calls, never end?",
            ],
        }
    ).tag(config=True)

    @default("shutdown_kernel")
    def _shutdown_kernel_default(self):
        return "immediate"  # a graceful one waits seconds for a stuck kernel

    @default("timeout_func")
    def _timeout_func_default(self):
        return self.seconds

    def seconds(self, cell: NotebookNode) -> int:
        """How long `cell` may run."""
        if not (is_grade(cell) or is_solution(cell)):
            return self.other_seconds
        above: set[str] = set()
        for other in self.nb.cells:
            if other is cell:
                break
            above.update(_IMPORT.findall(other.source))
        imports_more = set(_IMPORT.findall(cell.source)) - above
        more = self.import_seconds if imports_more else 0
        return self.answer_seconds + more

    def preprocess_cell(self, cell, resources, index):
        """Run one cell; when it takes the kernel with it, replace both."""
        try:
            cell, resources = super().preprocess_cell(cell, resources, index)
        except (CellTimeoutError, DeadKernelError) as error:
            self.log.error("cell %s ended the kernel: %s", cell.id, error)
            cell.outputs.append(_lost_kernel(error))
            self._restart(resources, index)
        return cell, resources

    def on_cell_executed(self, cell: NotebookNode, **kwargs) -> None:
        """Record errors; move a test cell's warnings out of the verdict.

        nbgrader gives no point to a test cell that wrote to stderr, where
        both backends and any deprecation write as well.
        """
        super().on_cell_executed(cell=cell, **kwargs)
        for output in cell.outputs:
            if output.output_type == "stream" and is_grade(cell):
                output.name = "stdout"

    def _restart(self, resources, index: int) -> None:
        self._cleanup_kernel()
        self.km = self.create_kernel_manager()
        self.start_new_kernel()
        self.start_new_kernel_client()
        for position, cell in enumerate(self.nb.cells[:index]):
            if _succeeded(cell) and not is_grade(cell):
                self.preprocess_cell(cell, resources, position)


def _succeeded(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and not any(
        output.output_type == "error" for output in cell.outputs
    )


def _lost_kernel(error: Exception) -> NotebookNode:
    name = type(error).__name__
    lines = [
        f"{name}: this cell ended Python or could not be stopped.",
        "The cells below ran in a fresh Python, without what it defines.",
    ]
    return v4.new_output("error", ename=name, evalue="", traceback=lines)
