"""Read what a photo says of itself and make it small; whatever the bytes are, the worst outcome is a note."""

import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

log = logging.getLogger(__name__)

pillow_heif.register_heif_opener(thumbnails=False)

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
MOST_PIXELS: Final = 210_000_000  # a phone's camera of 200 million and a little
DECODED_PIXELS: Final = 50_000_000  # 150 MB; what cannot be read scaled down must be no larger
MOST_EXIF_BYTES: Final = 200_000  # a JPEG's takes 64 kB at most
LONGEST_CAMERA: Final = 120
YEARS: Final = range(1990, 2101)
QUALITY: Final = 80
LIKENESS_SIDE: Final = 16
FLAT: Final = 6.0  # of 255; what differs less is noise of the camera
COUNTRY: Final = ZoneInfo("Asia/Shanghai")  # what a camera's clock shows where it names no offset

_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_SCREENSHOT: Final = re.compile(r"screen_?shot|\u622a[\u5c4f\u56fe]", re.IGNORECASE)  # the second: in Chinese
_few_at_once = BoundedSemaphore(2)  # each may take DECODED_PIXELS of memory

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class PictureUnreadable(Exception):  # noqa: N818 - says what is the matter
    """Bytes of which no picture can be made; the text is one of a few words that stay the same."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a photo says of itself; nothing of it is proved.

    Attributes
    ----------
    taken_at
        By the camera's clock.
    offset_written
        Whether the camera wrote its offset from UTC; else the country's one clock is assumed.
    gps_at
        By the satellites, which nobody sets by hand.
    longitude, latitude
        WGS 84, in degrees.
    altitude_m
        Above the sea.
    screen_sign
        ``written``: the file calls itself a screenshot. ``png``: a PNG of which no camera is named; phones' cameras
        write none. Empty: nothing says so, which is no proof: who photographs a screen with a camera leaves no sign.
    notes
        What could not be read: ``exif-too-large``, ``exif-unreadable``.
    """

    width_px: int
    height_px: int
    taken_at: datetime | None = None
    offset_written: bool = False
    gps_at: datetime | None = None
    longitude: float | None = None
    latitude: float | None = None
    altitude_m: float | None = None
    camera: str = ""
    screen_sign: str = ""
    notes: tuple[str, ...] = field(default=())


def read_facts(file: BinaryIO) -> Facts:
    """Read time, place and camera of a photo.

    Raises
    ------
    PictureUnreadable
        ``not-a-picture``, ``too-large``, ``unreadable``.
    """
    with _few_at_once, _Opened(file) as image:
        width, height = image.size
        try:
            if len(image.info.get("exif") or b"") > MOST_EXIF_BYTES:
                return Facts(width_px=width, height_px=height, notes=("exif-too-large",))
            exif = image.getexif()
            told = _told(exif)
            return Facts(width_px=width, height_px=height, **told, screen_sign=_screen(image, exif, told["camera"]))
        except Exception as error:  # noqa: BLE001 - damaged metadata end in any of Python's own errors
            log.info("metadata of a photo cannot be read: %s", error)
            return Facts(width_px=width, height_px=height, notes=("exif-unreadable",))


def make_small(file: BinaryIO, longest_px: int) -> bytes:
    """Return a photo as a JPEG no longer than that on either side, upright, without anything but the picture.

    Raises
    ------
    PictureUnreadable
        ``not-a-picture``, ``too-large``, ``unreadable``.
    """
    with _few_at_once, _Opened(file) as image:
        try:
            image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
            small = BytesIO()
            _on_white(_upright(image)).save(small, "JPEG", quality=QUALITY, optimize=True)
        except Exception as error:
            # a decoder's faults: truncated, damaged, out of memory
            log.info("a photo cannot be decoded: %s", error)
            raise PictureUnreadable("unreadable") from error
        return small.getvalue()


def likeness_of(file: BinaryIO) -> str | None:
    """Return a fingerprint of what a photo shows, 64 hex digits: alike for copies saved anew, smaller or brighter.

    Whether each of 16 × 16 spots is brighter than the one at its left (a difference hash: N. Krawetz, "Kind of Like
    That", hackerfactor.com, 2013). On drawings as alike as the demo's, copies differ in 13 bits at most, others in 14
    at least (800 drawings). None for a picture with nothing in it: all dark, all white, a scrap of paper.

    Raises
    ------
    PictureUnreadable
        ``not-a-picture``, ``too-large``, ``unreadable``.
    """
    with _few_at_once, _Opened(file) as image:
        try:
            image.draft("L", (LIKENESS_SIDE * 8, LIKENESS_SIDE * 8))
            grey = _on_white(image).convert("L").resize((LIKENESS_SIDE + 1, LIKENESS_SIDE), Image.Resampling.LANCZOS)
        except Exception as error:
            log.info("a photo cannot be decoded: %s", error)
            raise PictureUnreadable("unreadable") from error
        spots = np.asarray(grey, dtype=np.int16)
        if spots.std() < FLAT:
            return None
        return np.packbits(spots[:, 1:] > spots[:, :-1]).tobytes().hex()


class _Opened:
    """A picture whose header was read and found bearable; nothing is decoded yet."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self.image: Image.Image = Image.open(file, formats=FORMATS)
        except UnidentifiedImageError:
            raise PictureUnreadable("not-a-picture") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise PictureUnreadable("too-large") from None
        except Exception as error:
            raise PictureUnreadable("unreadable") from error
        pixels = self.image.width * self.image.height
        scales = self.image.format in {"JPEG", "MPO"} and not self.image.info.get("progressive")
        if pixels > (MOST_PIXELS if scales else DECODED_PIXELS):
            self.image.close()
            raise PictureUnreadable("too-large")

    def __enter__(self) -> Image.Image:
        return self.image

    def __exit__(self, *_: object) -> None:
        self.image.close()


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - damaged metadata: shown as it lies
        return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")


def _told(exif: Image.Exif) -> dict[str, Any]:
    detail, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    base = ExifTags.Base
    offset = _OFFSET.fullmatch(_text(detail.get(base.OffsetTimeOriginal)))
    camera = " ".join(filter(None, (_text(exif.get(base.Make)), _text(exif.get(base.Model)))))
    return {
        "taken_at": _moment(_text(detail.get(base.DateTimeOriginal)), _zone(offset)),
        "offset_written": offset is not None,
        "camera": camera[:LONGEST_CAMERA],
        **_place(gps),
    }


def _screen(image: Image.Image, exif: Image.Exif, camera: str) -> str:
    """Return the sign that it was made from a screen; EXIF's comment begins with eight bytes of its encoding."""
    base, detail = ExifTags.Base, exif.get_ifd(ExifTags.IFD.Exif)
    words = [exif.get(base.Software), exif.get(base.ImageDescription), detail.get(base.UserComment)]
    words += [value for value in image.info.values() if isinstance(value, str | bytes)]  # PNG's texts, XMP
    said = " ".join(_text(word[:MOST_EXIF_BYTES]).replace(" ", "") for word in words if isinstance(word, str | bytes))
    if _SCREENSHOT.search(said):
        return "written"
    return "png" if image.format == "PNG" and not camera else ""


def _place(gps: Mapping[int, Any]) -> dict[str, Any]:
    tag = ExifTags.GPS
    latitude = _degrees(gps.get(tag.GPSLatitude), _text(gps.get(tag.GPSLatitudeRef)), 90)
    longitude = _degrees(gps.get(tag.GPSLongitude), _text(gps.get(tag.GPSLongitudeRef)), 180)
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):  # nought is how phones say nothing
        latitude = longitude = None
    altitude = _number(gps.get(tag.GPSAltitude))
    if altitude is not None and gps.get(tag.GPSAltitudeRef) in {1, b"\1"}:
        altitude = -altitude
    return {
        "latitude": latitude,
        "longitude": longitude,
        "altitude_m": altitude if latitude is not None and altitude is not None and abs(altitude) < 1e4 else None,  # noqa: PLR2004 - metres
        "gps_at": _satellite_time(gps),
    }


def _satellite_time(gps: Mapping[int, Any]) -> datetime | None:
    parts = [_number(part) for part in _three(gps.get(ExifTags.GPS.GPSTimeStamp))]
    if len(parts) != 3 or None in parts:  # noqa: PLR2004 - hours, minutes, seconds
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts)
    day = _text(gps.get(ExifTags.GPS.GPSDateStamp))
    return _moment(f"{day} {hours:02d}:{minutes:02d}:{seconds:02d}", UTC)


def _moment(text: str, zone: Any) -> datetime | None:
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) not in YEARS:
        return None
    try:
        return datetime(*map(int, found.groups()), tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]
    except ValueError:  # the 31st of February
        return None


def _zone(offset: re.Match[str] | None) -> Any:
    if offset is None:
        return COUNTRY
    hours = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    return timezone(hours if offset[1] == "+" else -hours) if hours < timedelta(days=1) else COUNTRY


def _degrees(parts: Any, side: str, most: int) -> float | None:
    numbers = [_number(part) for part in _three(parts)]
    if len(numbers) != 3 or None in numbers or side not in {"N", "S", "E", "W"}:  # noqa: PLR2004 - degrees, minutes, seconds
        return None
    degrees, minutes, seconds = (number or 0.0 for number in numbers)
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:
        return None
    return -value if side in {"S", "W"} else value


def _three(parts: Any) -> tuple[Any, ...]:
    return tuple(parts) if isinstance(parts, tuple | list) else ()


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
    return "".join(sign for sign in text if sign.isprintable()).strip() if isinstance(text, str) else ""
