"""What a program may be called: a name in every language at once, so that it can be taken from one to another."""

from __future__ import annotations

import re
from typing import Final

from pellucid.errors import SettingError
from pellucid.export._tongue import FUNCTIONS, PRIMITIVES

__all__ = ["checked_name", "name_from"]

# Of C, C++, C#, Go, Java, JavaScript, Python and Rust; not those that begin with two underscores.
_WORDS: Final = """
abstract alignas alignof and and_eq as asm assert async auto await base become bitand bitor bool boolean box break
byte case catch chan char checked class co_await co_return co_yield compl concept const const_cast consteval
constexpr constinit continue crate debugger decimal decltype def default defer del delegate delete do double dyn
dynamic_cast elif else enum eval event except explicit export extends extern fallthrough false final finally fixed
float fn for foreach friend from func function global go goto if impl implements implicit import in inline
instanceof int interface internal is lambda let lock long loop macro main map match mod module move mut mutable
namespace native new nil noexcept none nonlocal not not_eq null object operator or or_eq out override package params
pass print priv private protected pub public raise range readonly ref register reinterpret_cast requires restrict
return sbyte sealed select self short signed sizeof stackalloc static static_assert static_cast strictfp string
struct super switch synchronized template this thread_local throw throws trait transient true try type typedef
typeid typename typeof uint ulong unchecked union unsafe unsigned unsized ushort use using var virtual void volatile
wchar_t where while with xor xor_eq yield
"""
_KEPT: Final = frozenset(_WORDS.split())

# What stands in a class of Java's or C#'s itself, as far as capitals and _ go; the functions' names come on top.
_PARTS: Final = """
argumentexception array arrays bitconverter classify console exactly examples features fieldoffset
fieldoffsetattribute floats forward illegalargumentexception inownunits inputs integer ireadonlylist layoutkind list
math minuszero names outputs pattern predict runtime selftest stringtokenizer structlayout structlayoutattribute system
word
"""
_OWN: Final = frozenset(_PARTS.split()) | {name.replace("_", "") for name in (*FUNCTIONS, *PRIMITIVES)}
_LAYERS: Final = re.compile(r"(layer\d+|output|input|example)(weights|biases|scale|shift|inputs|outputs|places)?")


def _is_taken(name: str) -> bool:
    bare = name.lower().replace("_", "")
    return name.lower() in _KEPT or bare in _OWN or _LAYERS.fullmatch(bare) is not None


def name_from(stem: str) -> str:
    """Return a name made of that of a file.

    Examples
    --------
    >>> name_from("digits"), name_from("my-net 2"), name_from("3d"), name_from("int"), name_from("Größe")
    ('digits', 'my_net_2', 'net_3d', 'int_net', 'Gr__e')
    >>> name_from("Tanh"), name_from("layer_1")  # as something is called in the file itself
    ('Tanh_net', 'layer_1_net')
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "_", stem).strip("_") or "net"
    if plain[0].isdigit():
        plain = f"net_{plain}"
    return f"{plain}_net" if _is_taken(plain) else plain


def checked_name(given: object) -> str:
    """Return a name; raise `SettingError` where some language could not have it."""
    if not isinstance(given, str) or name_from(given) != given:
        raise SettingError(
            "name must be a name in every language: letters, digits and _, a letter first, and no word that one of "
            f"them keeps for itself; {given!r} was given. Give {name_from(str(given))!r}, say."
        )
    return given
