"""Random numbers as addresses: any element of any stream, without drawing those before it.

``Stream(seed, purpose, layer=…, epoch=…, step=…)`` names a sequence; the README beside this file says
why it is built this way and pins what may never change.
"""

from pellucid.random._legacy import LegacyShuffle
from pellucid.random._philox import philox_4x32
from pellucid.random._stream import Purpose, Stream, checked_seed

__all__ = ["LegacyShuffle", "Purpose", "Stream", "checked_seed", "philox_4x32"]
