"""From a lecture's source to a recorded grade, on top of nbgrader."""
