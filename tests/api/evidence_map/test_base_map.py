import struct
from dataclasses import replace

import pytest
from conftest import running

from api.evidence_map.base_map import base_map
from api.settings import SettingError, Settings

TIANDITU = (
    "https://t0.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default"
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}&tk=key"
)
ADDRESS = "/map/base.pmtiles"


def archive(path, *, version=3, kind=1):
    """A PMTiles file of which only the header is right."""
    degrees = [round(value * 1e7) for value in (85.0, 27.0, 91.0, 31.0)]
    header = b"PMTiles" + bytes([version]) + bytes(91) + struct.pack("<3B4i", kind, 2, 14, *degrees)
    path.write_bytes(header.ljust(127, b"\0") + bytes(range(256)) * 40)
    return path


def read(**values):
    return Settings.read({f"RUHU_{name.upper()}": value for name, value in values.items()})


def test_there_is_no_base_map_unless_one_is_set():
    assert base_map(read())["kind"] == "none"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org/{z}/{x}/{y}.png"),
        (TIANDITU, TIANDITU.replace("TileMatrix", "z").replace("TileRow", "y").replace("TileCol", "x")),
        ("http://10.0.0.7:8080/{z}/{x}/{y}", "http://10.0.0.7:8080/{z}/{x}/{y}"),
    ],
)
def test_tiles_of_another_host_are_told_as_a_map_library_wants_them(address, url):
    told = base_map(read(base_map=address, base_map_attribution="© 虚构", base_map_max_zoom="16"))
    assert told == {"kind": "raster", "url": url, "attribution": "© 虚构", "max_zoom": 16, "tile_size": 256}


@pytest.mark.parametrize(
    "address",
    [
        "https://webrd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}", "https://wprd01.IS.AutoNavi.com/{z}/{x}/{y}",
        "https://rt0.map.gtimg.com/tile?z={z}&x={x}&y={y}", "https://mt0.google.cn/vt?x={x}&y={y}&z={z}",
        "https://mt1.google.com/vt/lyrs=m&x={x}&y={y}&z={z}", "https://amap.com/{z}/{x}/{y}",
        "https://maponline0.bdimg.com/tile/?x={x}&y={y}&z={z}",
    ],
)  # fmt: skip
def test_a_host_whose_maps_are_shifted_is_refused_with_the_reason(address):
    with pytest.raises(SettingError, match=r"RUHU_BASE_MAP .*(GCJ-02|BD-09).*hundreds of metres"):
        read(base_map=address)


@pytest.mark.parametrize("datum", ["gcj02", "GCJ-02", "bd09"])
def test_a_map_that_says_it_is_shifted_is_refused_with_the_reason(datum):
    with pytest.raises(SettingError, match=r"RUHU_BASE_MAP_DATUM .*100 to 700 metres"):
        read(base_map_datum=datum)


def test_a_host_whose_name_only_looks_alike_is_not_taken_for_another():
    assert base_map(read(base_map="https://notamap.com/{z}/{x}/{y}", base_map_datum="cgcs2000"))["kind"] == "raster"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"base_map": "https://tiles.example.org/{z}/{x}.png"}, "{z}, {x} and {y}"),
        ({"base_map": "https://{s}.example.org/{z}/{x}/{y}.png"}, "pmtiles:"),
        ({"base_map": "https://a.example.org/{s}/{z}/{x}/{y}.png"}, "instead of {s}"),
        ({"base_map": "tiles.example.org/{z}/{x}/{y}.png"}, "pmtiles:"),
        ({"base_map": "https://x; script-src *.org/{z}/{x}/{y}"}, "pmtiles:"),
        ({"base_map": TIANDITU.replace("vec_w", "vec_c").replace("SET=w", "SET=c")}, "web Mercator"),
        ({"base_map": "pmtiles:/nowhere/there.pmtiles"}, "no such file"),
        ({"base_map_datum": "wgs85"}, "wgs84 or cgcs2000"),
        ({"base_map_max_zoom": "25"}, "0 to 24"),
        ({"base_map": "http://a.example.org/{z}/{x}/{y}", "public_url": "https://b.example.org"}, "https page"),
    ],
)
def test_what_cannot_be_a_base_map_is_refused_at_the_start(values, said):
    with pytest.raises(SettingError) as refused:
        read(**values)
    assert said in str(refused.value)


@pytest.mark.parametrize(("content", "said"), [(b"", "no PMTiles"), (b"x" * 200, "no PMTiles")])
def test_a_file_that_is_no_pmtiles_is_refused_at_the_start(tmp_path, content, said):
    path = tmp_path / "map.pmtiles"
    path.write_bytes(content)
    with pytest.raises(SettingError, match=said):
        read(base_map=f"pmtiles:{path}")
    with pytest.raises(SettingError, match="version 2"):
        read(base_map=f"pmtiles:{archive(path, version=2)}")


def test_a_pmtiles_file_is_told_with_what_its_header_says(tmp_path):
    told = base_map(read(base_map=f"pmtiles:{archive(tmp_path / 'map.pmtiles')}"))
    assert (told["kind"], told["url"], told["vector"]) == ("pmtiles", ADDRESS, True)
    assert (told["min_zoom"], told["max_zoom"], told["bounds"]) == (2, 14, [85.0, 27.0, 91.0, 31.0])
    assert not base_map(read(base_map=f"pmtiles:{archive(tmp_path / 'map.pmtiles', kind=2)}"))["vector"]


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_bytes(b"cut off")])
def test_a_file_that_went_bad_while_the_server_runs_is_told_as_broken(tmp_path, change):
    path = archive(tmp_path / "map.pmtiles")
    settings = read(base_map=f"pmtiles:{path}", base_map_attribution="© 虚构")
    change(path)
    assert base_map(settings) == {
        "kind": "none", "url": "", "attribution": "© 虚构", "max_zoom": 0, "broken": True,
    }  # fmt: skip


@pytest.fixture
def with_base_map(settings):
    """A function that gives the application another base map."""
    return lambda value: running(replace(settings, base_map=value))


def test_the_file_is_served_in_ranges_to_whoever_is_signed_in(with_base_map, tmp_path, bearer):
    path = archive(tmp_path / "map.pmtiles")
    content, headers = path.read_bytes(), bearer("surveyor")
    with with_base_map(f"pmtiles:{path}") as app:
        client = app.test_client()
        assert client.get(ADDRESS).status_code in {302, 401}
        part = client.get(ADDRESS, headers={**headers, "Range": "bytes=100-199"}, buffered=True)
        assert (part.status_code, part.data) == (206, content[100:200])
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(content)}"
        whole = client.get(ADDRESS, headers=headers, buffered=True)
        assert (whole.status_code, whole.data) == (200, content)
        again = client.get(ADDRESS, headers={**headers, "If-None-Match": whole.headers["ETag"]})
        assert again.status_code == 304
        beyond = client.get(ADDRESS, headers={**headers, "Range": f"bytes={len(content)}-"})
        assert beyond.status_code == 416
        path.write_bytes(content + b"more")  # replaced while the server runs
        assert client.head(ADDRESS, headers=headers).headers["ETag"] != whole.headers["ETag"]
        path.unlink()
        assert client.get(ADDRESS, headers=headers).status_code == 404


def test_without_a_file_there_is_none_to_serve(client, bearer):
    assert client.get(ADDRESS, headers=bearer("county")).status_code == 404


def test_pages_may_load_tiles_of_the_one_host_and_nothing_else(with_base_map, client):
    own = client.get("/sign-in").headers["Content-Security-Policy"]
    assert "http" not in own
    with with_base_map(TIANDITU) as app:
        policy = app.test_client().get("/sign-in").headers["Content-Security-Policy"]
    host = "https://t0.tianditu.gov.cn"
    told = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    assert host in told["img-src"]
    assert host in told["connect-src"]
    assert [name for name, sources in told.items() if host in sources] == ["img-src", "connect-src"]
