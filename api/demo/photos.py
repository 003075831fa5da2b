"""Photos of houses that do not stand anywhere, and signatures of nobody: drawn, small, and stamped 虚构 (made up)."""

from io import BytesIO

from PIL import Image, ImageDraw

from api.demo.chance import dice

SIZE = (320, 240)
STAMP_SIZE = (48, 24)
# The two characters as rows of dots, 48 wide: no font with Chinese has to be installed to draw them.
STAMP = """
000000000000 000000060800 001800060c00 001800060c00 001ff8061800 001800061ffe 1ffff87f9ffc 1ffffc7fb004
18180c0e3004 1818cc0e6604 1bffc80e6604 1bf8000f0404 1818041f8c0c 181ffc178d8c 18000036988c 1833003618cc
1833102613cc 1b3318663fcc 13333046386c 31b32006000c 31b36006000c 30330006000c 2ffffc060018 6ffffc0600f8
"""
WALLS = ((222, 214, 200), (200, 186, 164), (236, 232, 226), (190, 170, 150))
DOORS = ((120, 50, 40), (60, 70, 110), (90, 70, 40))
QUALITY = 55


def draw_photo(name: str) -> bytes:
    r"""Return a JPEG of a few kB; the same name gives the same picture, another name another.

    Examples
    --------
    >>> draw_photo("540222100201-0001")[:3] == b"\xff\xd8\xff"
    True
    """
    rng = dice("photo", name)
    sky = rng.randint(150, 200)
    picture = Image.new("RGB", SIZE, (sky - 40, sky, 235))
    pen = ImageDraw.Draw(picture)
    ridge = [(x, rng.randint(60, 110)) for x in range(0, 321, 40)]
    pen.polygon([(0, 240), *ridge, (320, 240)], fill=(150, 135 + rng.randint(-15, 15), 110))
    pen.rectangle((0, 185, 320, 240), fill=(165, 150, 115))
    left, top, right = rng.randint(40, 80), rng.randint(95, 120), rng.randint(220, 280)
    pen.rectangle((left, top, right, 200), fill=rng.choice(WALLS), outline=(80, 70, 60), width=2)
    pen.rectangle((left - 6, top - 8, right + 6, top), fill=(110, 60, 45))
    door = (left + right) // 2 + rng.randint(-30, 30)
    pen.rectangle((door, 150, door + 24, 200), fill=rng.choice(DOORS))
    for window in range(left + 14, right - 26, 44):
        if abs(window - door) > 26:  # noqa: PLR2004 - a door's width and a little
            pen.rectangle((window, top + 18, window + 20, top + 44), fill=(70, 80, 95), outline=(20, 20, 20), width=3)
    stamp = _stamp().resize((STAMP_SIZE[0] * 2, STAMP_SIZE[1] * 2))
    picture.paste((180, 30, 30), (SIZE[0] - 108, 8), stamp)
    pen.text((8, 222), name, fill=(40, 30, 20))
    bytes_out = BytesIO()
    picture.save(bytes_out, "JPEG", quality=QUALITY)
    return bytes_out.getvalue()


def draw_signature(name: str) -> bytes:
    r"""Return a scribble as a JPEG of 1 or 2 kB; the same name gives the same, another name another.

    Examples
    --------
    >>> draw_signature("signature-surveyor.jpg")[:3] == b"\xff\xd8\xff"
    True
    """
    rng = dice("signature", name)
    picture = Image.new("L", (SIZE[0], SIZE[1] // 3), 255)
    pen = ImageDraw.Draw(picture)
    spots = [(at * 22 + rng.randint(20, 34), rng.randint(12, 66)) for at in range(9)]
    pen.line(spots, fill=20, width=3, joint="curve")
    picture.paste(150, (SIZE[0] - 54, 4), _stamp())
    bytes_out = BytesIO()
    picture.save(bytes_out, "JPEG", quality=QUALITY)
    return bytes_out.getvalue()


def _stamp() -> Image.Image:
    return Image.frombytes("1", STAMP_SIZE, bytes.fromhex("".join(STAMP.split())))
