"""Reference runs, one module each; `benchmarks/train.py` runs and keeps them.

A module's docstring says which question the run answers, whose claim that is
and which figures are expected; its first line is what the list of runs shows.
It has `run(seed, quick=False)`, which settles all randomness by the seed and
returns plain numbers, or lists and dictionaries of them; `quick` makes it a
trial of seconds with the same keys. Optional are

- `SEEDS`: of how many the run consists, unless the command line says so;
- the key "models" of what `run` returns: models by name, which are not numbers
  and which `--weights` keeps.

Modules whose names begin with an underscore hold what several runs share.
"""
