"""The recipe of the bundled model: corpus, tokenizer, packing, training, export, evaluation.

Each module is one stage with `--help`; `python -m training.make_model` runs them all and resumes where it
stopped. Everything that a stage writes lies under `training/.run/`, which is not in the history.
"""
