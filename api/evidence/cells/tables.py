"""What is kept of cells: the counts, and how new they are."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, UtcDateTime, now

#: Each grid has 2 to this power cells along the edge of the square world: at the equator 157 km wide ones, to 1.2 km.
GRIDS: Final = (8, 9, 10, 11, 12, 13, 14, 15)
#: Instead of a grid, for what has no place: it is counted too, in one cell of nowhere.
NOWHERE: Final = -1


class EvidenceCell(Base):
    """How many pieces of evidence of one sort lie in one cell and one township."""

    __tablename__ = "evidence_cell"
    __table_args__ = (sa.Index("ix_evidence_cell_place", "grid", "x", "y"),)

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    township_code: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    grid: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True)
    x: Mapped[int] = mapped_column(primary_key=True)
    y: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    severity: Mapped[str] = mapped_column(sa.String(8), primary_key=True)  # doubt, look, or empty
    pieces: Mapped[int] = mapped_column()
    # of all pieces, added up: their places as parts of the square world, from the west and from the north
    east: Mapped[float] = mapped_column()
    south: Mapped[float] = mapped_column()


class CellsCounted(Base):
    """At which version of a township's evidence (`EvidenceChange`) its cells were counted."""

    __tablename__ = "cells_counted"

    county_code: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    township_code: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    version: Mapped[int] = mapped_column(sa.BigInteger())
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime(), default=now)
