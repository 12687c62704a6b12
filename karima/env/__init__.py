"""The environment: read once, typed, checked, and refused as a whole when it is bad.

`env` is the one object. Only `karima.settings` reads it; apps read Django's settings.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from karima.env import rules, source
from karima.env.fields import Environment
from karima.env.source import Problem, RawEnvironment

__all__ = ["BadEnvironment", "Environment", "Problem", "env", "from_mapping", "judge"]


class BadEnvironment(Exception):
    """Some variables are missing or refused; `problems` names every one of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def from_mapping(mapping: Mapping[str, str]) -> Environment:
    """Return the environment that these variables make.

    Raises BadEnvironment with all problems at once.
    """
    return build(source.collect(source.clean_all(mapping)))


def build(raw: RawEnvironment) -> Environment:
    """Return the typed environment, or raise BadEnvironment with all problems."""
    environment, problems = judge(raw)
    if problems:
        raise BadEnvironment(tuple(problems))
    return environment


def judge(raw: RawEnvironment) -> tuple[Environment, list[Problem]]:
    """Return the environment as far as it can be typed, and why it may not start."""
    environment, problems = typed(raw.values)
    strict_only = () if environment.is_strict else ("K013",)
    problems += [p for p in raw.problems if p.rule not in strict_only]
    known = {problem.name for problem in problems}
    problems += [p for p in rules.refusals(environment) if p.name not in known]
    return environment, problems


def typed(raw: Mapping[str, str]) -> tuple[Environment, list[Problem]]:
    """Return the environment and what in it is not of its kind.

    Such a variable keeps its default, so that the rules can be asked about all the
    others; an unknown APP_ENV counts as production.
    """
    values = {name.lower(): value for name, value in raw.items()}
    try:
        return Environment.model_validate(values), []
    except ValidationError as error:
        problems = type_problems(error)
    wrong = {problem.name.lower() for problem in problems}
    right = {name: value for name, value in values.items() if name not in wrong}
    if "app_env" in wrong:
        right["app_env"] = "production"
    return Environment.model_validate(right), problems


def type_problems(error: ValidationError) -> list[Problem]:
    """Return one problem per variable whose text is not of its kind."""
    found: dict[str, Problem] = {}
    for row in error.errors(include_input=False, include_url=False):
        name = str(row["loc"][0]).upper()
        mend = row["msg"].removeprefix("Value error, ")
        found.setdefault(name, Problem(rules.rule_of(name), name, mend))
    return list(found.values())


def load_or_exit() -> Environment:
    """Return the environment of this process, or end it with status 78.

    78 is EX_CONFIG of sysexits.h: whoever starts the process should not try again.
    """
    environment, problems = judge(source.read_process_and_files())
    if problems and not is_judged(sys.argv):
        lines = "\n".join(map(str, problems))
        sys.stderr.write(f"karima: the environment is refused:\n{lines}\n")
        sys.exit(os.EX_CONFIG)
    return environment


def is_judged(arguments: Sequence[str]) -> bool:
    """Say whether this process is the one command that explains a bad environment.

    It serves nobody, and has to run where the shop itself does not start.
    """
    return Path(arguments[0]).name == "manage.py" and arguments[1:2] == ["preflight"]


env = load_or_exit()
