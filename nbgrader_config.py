"""nbgrader's settings for this course; README says which commands use them.

Run `python -m autograder build` first: it makes the folder that nbgrader
takes the assignments from.
"""

import os
import sysconfig
import warnings
from pathlib import Path

from nbformat.warnings import DuplicateCellId
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import (
    CheckCellMetadata,
    Execute,
    SaveAutoGrades,
    SaveCells,
)
from sqlalchemy.exc import SAWarning

from autograder.build import DropNotes
from autograder.converter import install
from autograder.execute import CourseExecute
from autograder.feedback import HideTests, Report
from autograder.gradebook import (
    CourseGetGrades,
    CourseSaveAutoGrades,
    CourseSaveCells,
)
from autograder.page import FeedbackExporter
from autograder.rebuild import Rebuild
from autograder.root import exit_unless_built

# nbgrader 0.9.6 makes SQLAlchemy 2.1 warn about each new submission.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")

# A note in the feedback says that an answer's cell is there twice.
warnings.filterwarnings("ignore", category=DuplicateCellId)

# nbgrader starts `alembic` by its name: found also if .venv is not activated.
scripts = sysconfig.get_path("scripts")
if scripts not in os.environ["PATH"].split(os.pathsep):
    os.environ["PATH"] = scripts + os.pathsep + os.environ["PATH"]

# TensorFlow's messages about the machine are no feedback to a student.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 (nbgrader provides it)

c.CourseDirectory.course_id = "convcourse"
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "notebooks"

# A teacher who keeps solutions private names another folder here.
c.Lectures.solutions = os.environ.get("COURSE_SOLUTIONS", "solutions")

# Seconds for an answer or test cell, more if it imports, and for any other.
c.CourseExecute.answer_seconds = 10
c.CourseExecute.import_seconds = 15
c.CourseExecute.other_seconds = 60

# Submissions run in a sandbox, which only Linux has. "off" runs them with your
# own rights: they can read your files and change the gradebook.
c.CourseExecute.sandbox = os.environ.get("COURSE_SANDBOX", "required")

# Where the class finds the slides, if it does: feedback then links there too.
c.FeedbackExporter.decks = os.environ.get("COURSE_DECKS", "")

# For trying "assignment list" on one machine; a class needs a shared folder.
c.Exchange.root = str(ROOT / "build" / "exchange")


def swap(parts, stock, ours):
    """A list of steps with one of them replaced."""
    return [ours if part is stock else part for part in parts]


install()
c.Autograde.sanitize_preprocessors = [Rebuild, CheckCellMetadata]
c.Autograde.autograde_preprocessors = swap(
    swap(Autograde.autograde_preprocessors.default(), Execute, CourseExecute),
    SaveAutoGrades,
    CourseSaveAutoGrades,
)
c.GenerateAssignment.preprocessors = [
    DropNotes,
    *swap(
        GenerateAssignment.preprocessors.default(), SaveCells, CourseSaveCells
    ),
]
c.GenerateFeedback.preprocessors = [HideTests, CourseGetGrades, Report]
c.GenerateFeedback.exporter_class = FeedbackExporter

exit_unless_built(c, ROOT)
