"""The public files of a draw, byte for byte as ruhu-draw/1 says, and the pocket tool that checks them."""

from pathlib import Path

from sqlalchemy.orm import Session

from api.problems import NotFound
from api.spot_checks.commit import frame_of, result_of
from api.spot_checks.frame import stored_frame
from api.spot_checks.tables import Draw, Frame
from sampling import verifier

FILES = ("frame.csv", "plan.json", "manifest.json", "draw.json", "verifier.py")


def public_file(session: Session, draw: Draw, name: str) -> bytes:
    """Return one public file of a draw.

    Raises
    ------
    NotFound
        For another name, and for ``draw.json`` before the dice were thrown.
    """
    if name == "frame.csv":
        return frame_csv(session, frame_of(session, draw))
    if name == "plan.json":
        return f"{draw.plan_json}\n".encode()
    if name == "manifest.json":
        return f"{draw.manifest_json}\n".encode()
    if name == "draw.json":
        if (result := result_of(session, draw)) is None:
            raise NotFound("还没有掷骰抽取，因此还没有 draw.json", where="name")
        return f"{result.draw_json}\n".encode()
    if name == "verifier.py":
        return Path(verifier.__file__).read_bytes()
    raise NotFound("没有名为 {name} 的公开文件，现有：{names}", where="name", name=name, names=", ".join(FILES))


def frame_csv(session: Session, frame: Frame) -> bytes:
    """Return the public frame, made again from its stored units."""
    return stored_frame(session, frame).to_bytes()
