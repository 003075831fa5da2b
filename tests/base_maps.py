"""Base maps of one colour: a PMTiles archive of pictures or of vector tiles, and a host of tiles that may fail."""

import io
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import mapbox_vector_tile
from PIL import Image

DEEPEST = 10
BOUNDS = (85.0, 27.0, 91.0, 31.0)
UNPACKED, MVT, PNG = 1, 1, 2  # as PMTiles number compression and kinds of tiles


def plain_picture(colour):
    made = io.BytesIO()
    Image.new("RGB", (256, 256), colour).save(made, "PNG")
    return made.getvalue()


def water_everywhere():
    """A vector tile that is all water, as archives of the Protomaps basemap name it."""
    sea = {"geometry": "POLYGON((0 0, 4096 0, 4096 4096, 0 4096, 0 0))", "properties": {"kind": "ocean"}}
    return mapbox_vector_tile.encode([{"name": "water", "features": [sea]}])


def write_archive(path, tile, *, kind):
    """Write a PMTiles file (version 3) that has the same tile everywhere: one entry, whose run holds every zoom."""
    run = (4 ** (DEEPEST + 1) - 1) // 3
    directory = b"".join(map(varint, [1, 0, run, len(tile), 1]))
    root, about = 127, 127 + len(directory)
    header = b"PMTiles\x03" + struct.pack(
        "<11Q", root, len(directory), about, 2, about + 2, 0, about + 2, len(tile), run, 1, 1
    )
    header += bytes([1, UNPACKED, UNPACKED, kind, 0, DEEPEST])
    header += struct.pack("<4iB2i", *(round(degree * 1e7) for degree in BOUNDS), 8, 0, 0)
    path.write_bytes(header + directory + b"{}" + tile)
    return path


def varint(number):
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    return bytes([*written, number])


class Host(ThreadingHTTPServer):
    """A host of picture tiles, another than ours."""

    def __init__(self, tile):
        super().__init__(("127.0.0.1", 0), Tiles)
        self.tile = tile
        self.up = True
        self.address = f"http://127.0.0.1:{self.server_port}"


class Tiles(BaseHTTPRequestHandler):
    """One tile for every address, while the host is up."""

    def do_GET(self):
        self.send_response(200 if self.server.up else 503)
        self.send_header("Content-Type", "image/png")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(self.server.tile if self.server.up else b"")

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def host_of(tile):
    """Run a host of tiles for a while."""
    host = Host(tile)
    thread = threading.Thread(target=host.serve_forever)
    thread.start()
    try:
        yield host
    finally:
        host.shutdown()
        thread.join()
        host.server_close()
