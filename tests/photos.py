"""Photos as phones take them, and as attackers would: made on the spot, of nothing and nobody."""

import io
import struct
import zlib

import pillow_heif
from PIL import ExifTags, Image

SIZE = (640, 480)


def picture(kind="JPEG", size=SIZE, mode="RGB", **more):
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    made = io.BytesIO()
    image.convert(mode).save(made, kind, **more)
    return made.getvalue()


def exif(*, taken="2018:06:20 10:11:12", offset="+08:00", place=True, turned=None, **detail):
    """What a phone writes into its photos."""
    found = Image.Exif()
    found[ExifTags.Base.Make], found[ExifTags.Base.Model] = "Nowhere\0", " Z1 "
    if turned:
        found[ExifTags.Base.Orientation] = turned
    found.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.DateTimeOriginal: taken} | ({ExifTags.Base.OffsetTimeOriginal: offset} if offset else {})
    )
    if place:
        found.get_ifd(ExifTags.IFD.GPSInfo).update({
            ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (28.0, 57.0, 0.0),
            ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: (89.0, 36.0, 36.0),
            ExifTags.GPS.GPSAltitudeRef: b"\0", ExifTags.GPS.GPSAltitude: 4021.5,
            ExifTags.GPS.GPSTimeStamp: (2.0, 11.0, 9.0), ExifTags.GPS.GPSDateStamp: "2018:06:20", **detail,
        })  # fmt: skip
    return found


def heic(**more):
    """A photo as an iPhone takes it."""
    image = Image.new("RGB", SIZE, "blue")
    made = io.BytesIO()
    pillow_heif.from_pillow(image).save(made, exif=exif(**more).tobytes())
    return made.getvalue()


def png_bomb(width=60_000, height=60_000):
    """A few hundred bytes that say they are a picture of gigabytes."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
