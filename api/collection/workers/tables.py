"""What is kept of the phones: when each key was last used, by which program on which device."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, UtcDateTime


class PhoneContact(Base):
    """The last contact under one key; written now and then, never waited for."""

    __tablename__ = "phone_contact"

    token_id: Mapped[UUID] = mapped_column(sa.ForeignKey("token.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime())
    user_agent: Mapped[str] = mapped_column(sa.String(200), default="")
    device_id: Mapped[str] = mapped_column(sa.String(128), default="")
    forms_at: Mapped[datetime | None] = mapped_column(UtcDateTime())  # when it last read the list of forms
    forms_hash: Mapped[str] = mapped_column(sa.String(32), default="")  # what that list held
