"""What can keep the local engines from starting."""


class EngineError(Exception):
    """One line for a person: what is wrong and how to mend it."""


class AlreadyRunningError(EngineError):
    """Another process runs the engines of this folder."""
