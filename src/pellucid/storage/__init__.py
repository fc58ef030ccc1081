"""Files that are whole or not there: atomic writing, and the tensor container that every file uses."""

from pellucid.storage._atomic import write_atomically
from pellucid.storage._tensors import DTYPE_NAMES, MAX_HEADER_BYTES, MAX_TENSORS, pack_tensors, read_tensors

__all__ = ["DTYPE_NAMES", "MAX_HEADER_BYTES", "MAX_TENSORS", "pack_tensors", "read_tensors", "write_atomically"]
