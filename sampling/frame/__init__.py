"""Frames: unit ids, strata, sizes; canonical bytes and fingerprint, strict both ways."""

from sampling.frame.files import parse_frame, parse_key, read_frame
from sampling.frame.leaves import Key, freeze, leaf_of, new_salt, opens
from sampling.frame.refusals import (
    DuplicateUnits,
    EmptyFrame,
    FrameRefused,
    MalformedFile,
    MalformedHousehold,
    MalformedLeaf,
    MalformedSize,
    MalformedStratum,
    MissingStratum,
    SizeAndOrder,
    WrongLength,
)
from sampling.frame.units import Frame

__all__ = [
    "DuplicateUnits",
    "EmptyFrame",
    "Frame",
    "FrameRefused",
    "Key",
    "MalformedFile",
    "MalformedHousehold",
    "MalformedLeaf",
    "MalformedSize",
    "MalformedStratum",
    "MissingStratum",
    "SizeAndOrder",
    "WrongLength",
    "freeze",
    "leaf_of",
    "new_salt",
    "opens",
    "parse_frame",
    "parse_key",
    "read_frame",
]
