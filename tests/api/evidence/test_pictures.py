"""What a photo says of itself, and its small copy; and that no bytes whatever do harm."""

import contextlib
import io
from datetime import UTC, datetime

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from photos import exif, heic, picture, png_bomb
from PIL import ExifTags, Image, ImageEnhance

from api.demo.photos import draw_photo
from api.evidence import pictures
from api.evidence.pictures import PictureUnreadable, likeness_of, make_small, read_facts

TAKEN = datetime(2018, 6, 20, 2, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def published():
    """Nothing: pictures need neither form nor database."""


def facts(content):
    return read_facts(io.BytesIO(content))


def small(content, size=320):
    return Image.open(io.BytesIO(make_small(io.BytesIO(content), size)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_time_place_and_camera_are_read_from_what_phones_write(kind):
    found = facts(picture(kind, exif=exif()))
    assert (found.width_px, found.height_px) == (640, 480)
    assert (found.taken_at, found.offset_written) == (TAKEN, True)
    assert (found.latitude, found.longitude) == (pytest.approx(28.95), pytest.approx(89.61))
    assert found.altitude_m == pytest.approx(4021.5)
    assert found.gps_at == datetime(2018, 6, 20, 2, 11, 9, tzinfo=UTC)
    assert (found.camera, found.notes) == ("Nowhere Z1", ())


def test_a_heic_photo_of_an_iphone_is_read_and_made_small():
    content = heic()
    assert facts(content).taken_at == TAKEN
    assert (small(content).format, small(content).size) == ("JPEG", (320, 240))


def test_a_camera_without_an_offset_is_taken_to_show_chinas_clock():
    found = facts(picture(exif=exif(offset=None)))
    assert (found.taken_at, found.offset_written) == (TAKEN, False)


@pytest.mark.parametrize("taken", ["", "0000:00:00 00:00:00", "2018:02:31 10:00:00", "1970:01:01 00:00:00", "x" * 5000])
def test_a_time_that_is_none_is_left_out_and_the_rest_is_read(taken):
    found = facts(picture(exif=exif(taken=taken)))
    assert (found.taken_at, found.camera) == (None, "Nowhere Z1")


@pytest.mark.parametrize(
    "detail",
    [
        {ExifTags.GPS.GPSLatitude: (91.0, 0.0, 0.0)},
        {ExifTags.GPS.GPSLatitude: (28.0, 57.0)},
        {ExifTags.GPS.GPSLatitudeRef: "?"},
        {ExifTags.GPS.GPSLatitude: (0.0, 0.0, 0.0), ExifTags.GPS.GPSLongitude: (0.0, 0.0, 0.0)},
    ],
)
def test_a_place_that_is_none_is_left_out(detail):
    nowhere = exif()
    nowhere.get_ifd(ExifTags.IFD.GPSInfo).update(detail)
    found = facts(picture(exif=nowhere))
    assert (found.latitude, found.longitude, found.altitude_m) == (None, None, None)
    assert found.taken_at == TAKEN


def test_west_and_south_are_negative():
    sides = exif()
    sides.get_ifd(ExifTags.IFD.GPSInfo).update({ExifTags.GPS.GPSLatitudeRef: "S", ExifTags.GPS.GPSLongitudeRef: "W"})
    found = facts(picture(exif=sides))
    assert (found.latitude, found.longitude) == (pytest.approx(-28.95), pytest.approx(-89.61))


def test_a_small_copy_is_upright_and_carries_nothing_but_the_picture():
    content = picture(exif=exif(turned=6), icc_profile=b"x" * 100)  # to be turned a quarter to the right
    copy = small(content)
    assert copy.size == (240, 320)
    assert copy.getpixel((120, 20))[0] > 200  # what was left is up: red
    assert copy.getpixel((120, 300))[2] > 200
    assert not copy.getexif()
    assert b"Nowhere" not in make_small(io.BytesIO(content), 320)
    assert len(make_small(io.BytesIO(content), 320)) < len(content)


def test_a_picture_smaller_than_the_copy_is_not_blown_up():
    assert small(picture(size=(100, 50)), 1280).size == (100, 50)


@pytest.mark.parametrize(
    ("content", "corner"),
    [
        (picture("PNG", mode="RGBA"), (254, 0, 0)),
        (picture("PNG", mode="P"), (254, 0, 0)),
        (picture("GIF"), (254, 0, 0)),
        (picture("JPEG", mode="L"), None),
        (picture("JPEG", mode="CMYK"), None),
        (picture("AVIF"), (254, 0, 0)),
    ],
)
def test_every_kind_of_picture_becomes_a_jpeg(content, corner):
    copy = small(content)
    assert (copy.format, copy.mode, copy.size) == ("JPEG", "RGB", (320, 240))
    if corner:
        assert all(abs(one - other) < 12 for one, other in zip(copy.getpixel((5, 5)), corner, strict=True))


def test_what_shines_through_is_white_not_black():
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    content = io.BytesIO()
    clear.save(content, "PNG")
    assert small(content.getvalue()).getpixel((30, 30)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not-a-picture"),
        (b"<svg onload=alert(1)>", "not-a-picture"),
        (b"%PDF-1.7", "not-a-picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "not-a-picture"),
        (png_bomb(), "too-large"),
        (png_bomb(10_000, 10_000), "too-large"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "not-a-picture"),
    ],
)
def test_what_is_no_picture_or_would_fill_the_memory_is_noted(content, why):
    for look in (facts, small):
        with pytest.raises(PictureUnreadable) as refusal:
            look(content)
        assert str(refusal.value) in {why, "unreadable"}


def test_a_truncated_photo_has_facts_and_no_small_copy():
    content = picture(exif=exif(), size=(1600, 1200))[:-3000]
    assert facts(content).taken_at == TAKEN
    with pytest.raises(PictureUnreadable, match="unreadable"):
        small(content)


def test_huge_metadata_are_not_read():
    large = exif(place=False)
    large.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"x" * 300_000
    found = facts(picture("WEBP", exif=large))
    assert found.notes == ("exif-too-large",)
    assert small(picture("WEBP", exif=large)).size == (320, 240)


@pytest.mark.filterwarnings("ignore")  # as on a server, where nobody turns them into errors
@pytest.mark.parametrize(
    "damage", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\1" * 40]
)
def test_damaged_metadata_are_noted_and_the_picture_is_shown(damage):
    content = picture(exif=damage)
    found = facts(content)
    assert found.taken_at is None
    assert (found.width_px, small(content).size) == (640, (320, 240))


@pytest.mark.filterwarnings("ignore")
@given(st.data())
@settings(max_examples=120, deadline=None, derandomize=True, database=None)
def test_a_photo_damaged_anywhere_does_no_harm(data):
    content = bytearray(data.draw(st.sampled_from(PHOTOS)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(1, len(content)))])
    for look in (facts, small):
        with contextlib.suppress(PictureUnreadable):  # and nothing else
            look(content)


PHOTOS = [
    picture("JPEG", (64, 48), exif=exif()),
    picture("PNG", (64, 48), exif=exif()),
    picture("WEBP", (64, 48), exif=exif()),
    heic(),
]


def test_a_large_photo_of_a_modern_phone_is_read_scaled_down(monkeypatch):
    monkeypatch.setattr(pictures, "DECODED_PIXELS", 300_000)
    content = picture("JPEG", (1600, 1200))
    assert small(content).size == (320, 240)
    for kept_whole in (picture("JPEG", (1600, 1200), progressive=True), picture("PNG", (1600, 1200))):
        with pytest.raises(PictureUnreadable, match="too-large"):
            small(kept_whole)


def test_the_decoder_of_heic_is_there():
    assert pillow_heif.libheif_version()


def test_a_copy_saved_anew_shows_the_same_and_another_picture_does_not():
    def apart(one, other):
        return (int(likeness_of(io.BytesIO(one)), 16) ^ int(likeness_of(io.BytesIO(other)), 16)).bit_count()

    house = draw_photo("540222100201-0001")
    with Image.open(io.BytesIO(house)) as image:
        small = io.BytesIO()
        ImageEnhance.Brightness(image.resize((200, 150))).enhance(1.1).save(small, "JPEG", quality=45)
    assert apart(house, small.getvalue()) <= 10
    others = [draw_photo(f"540222100201-{number:04d}") for number in range(2, 40)]
    assert min(apart(house, other) for other in others) > 10


@pytest.mark.parametrize("colour", ["black", "white", (120, 119, 121)])
def test_a_picture_with_nothing_in_it_is_like_no_other(colour):
    flat = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(flat, "JPEG")
    flat.seek(0)
    assert likeness_of(flat) is None


def test_what_is_no_picture_has_no_likeness():
    with pytest.raises(PictureUnreadable, match="not-a-picture"):
        likeness_of(io.BytesIO(b"no picture"))


def _described(**tags):
    found = exif()
    for tag, value in tags.items():
        found[ExifTags.Base[tag]] = value
    return found


@pytest.mark.parametrize(
    ("kind", "more", "sign"),
    [
        ("JPEG", {"exif": exif()}, ""),
        ("JPEG", {}, ""),  # the demo's, and what a messenger leaves of a photo: no camera, but nothing of a screen
        ("PNG", {"exif": exif()}, ""),
        ("PNG", {}, "png"),
        ("JPEG", {"exif": _described(Software="Screenshot 1.2")}, "written"),
        ("PNG", {"exif": _described(ImageDescription="手机截屏".encode())}, "written"),
    ],
)
def test_a_picture_of_a_screen_is_told_by_what_its_file_says_of_itself(kind, more, sign):
    assert read_facts(io.BytesIO(picture(kind, **more))).screen_sign == sign


def test_an_iphones_comment_says_that_it_is_a_screenshot():
    found = exif()
    found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"ASCII\0\0\0Screenshot"
    assert read_facts(io.BytesIO(picture("PNG", exif=found))).screen_sign == "written"
