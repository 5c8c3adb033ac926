"""Settings of every test."""

from hypothesis import settings

# No deadline: the first call on a backend compiles, and machines are shared.
settings.register_profile("course", deadline=None)
settings.load_profile("course")
