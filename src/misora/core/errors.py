"""Errors that a person meets: each says where, what was found, and what to do."""


class MisoraError(Exception):
    """Anything misora refuses or fails to do, with the exit code of the command line.

    Attributes:
        exit_code: what the process returns when this error ends it.
    """

    exit_code: int = 1


class UsageError(MisoraError, ValueError):
    """What a person got wrong: a setting, a size, a name."""

    exit_code: int = 2


class MediaError(UsageError):
    """A clip or image file that cannot be read as one, or that exceeds a limit."""


class WeightsError(UsageError):
    """Weights that are missing, corrupt, pickled, or not the ones their hash promises."""


class OutputError(UsageError):
    """A target that exists already or cannot be written."""


class KeysError(UsageError):
    """Keys or certificates that are missing, expired, do not belong together, or that others can read."""


class SigningError(OutputError):
    """A file that could not be signed; nothing stands under its name."""


class TamperedError(MediaError):
    """A file that says it was signed, and was changed since."""


class AuditError(MisoraError):
    """A log of decisions and signatures that was edited or cut, or cannot be written."""


class RecordError(UsageError):
    """A record of how a file was made that is missing, broken, edited by hand, or lacks what is needed."""


class EndpointError(MisoraError):
    """An endpoint on the network that cannot be reached, is too slow, or answers what cannot be used."""


class NumericsError(MisoraError):
    """Numbers that stopped being finite."""


class StoppedError(MisoraError):
    """Ctrl-C or a scheduler ended a run between two whole things; the message says what is kept."""

    exit_code: int = 130  # what a shell reports for a process that Ctrl-C ended


class PolicyError(UsageError):
    """A policy, or a list that it names, that cannot be what was meant; the message names file, line and key."""


class JudgeError(MisoraError):
    """A judge of moderation that is required and cannot answer: the door stays closed."""

    exit_code: int = 4


class RefusedError(MisoraError):
    """What policy does not allow; the message names the category and what to do."""

    exit_code: int = 3
