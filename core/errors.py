"""The few errors a person can act on.

Screens and the command line show their text as it stands, without a traceback. Each text says what
happened, where, and what to do. Every other exception is a bug and keeps its traceback.
"""


class VademecumError(Exception):
    """Something went wrong that the person at the screen can do something about."""


class BadInput(VademecumError):
    """What a person typed or a file holds cannot be used; the command line ends with 2."""


class NotFound(BadInput):
    """What a person named does not exist."""


class Conflict(VademecumError):
    """Someone else changed or took it first; nothing was overwritten."""


class ModelUnavailable(VademecumError):
    """A model cannot be reached, started or used as it is set up."""


class DownloadFailed(VademecumError):
    """A model file did not arrive whole; what is there can be resumed or was removed."""
