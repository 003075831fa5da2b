"""The list of households by score, as a table for a spreadsheet: every point with its reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from api.spot_checks.risk.keep import CountySigns
from api.spot_checks.risk.model import BAND_NAMES
from api.spot_checks.risk.preview import Preview, row_shown

HEADINGS = ("乡镇", "村", "家庭编码", "户主", "类别", "现行得分", "现行风险段", "试算得分", "试算风险段", "理由")
SCHEME_NAMES = {"urban": "城市", "rural": "农村"}


def score_rows(
    county: CountySigns, preview: Preview, rows: Sequence[int], names: Mapping[str, str], say: Callable[..., str]
) -> Iterator[list[Any]]:
    """Yield the headings and then one row a household.

    Parameters
    ----------
    names
        Of divisions, by code.
    say
        Puts a text with its values into the reader's language.
    """
    yield [say(heading) for heading in HEADINGS]
    for row in rows:
        one = row_shown(county, preview, row)
        village = one["village_code"]
        yield [
            names.get(village[:9], village[:9]), names.get(village, village), one["household_code"], one["head_name"],
            say(SCHEME_NAMES[one["scheme"]]), one["score_before"], say(BAND_NAMES[one["band_before"]]), one["score"],
            say(BAND_NAMES[one["band"]]), "; ".join(reason_in_words(reason, say) for reason in one["reasons"]),
        ]  # fmt: skip


def reason_in_words(reason: Mapping[str, Any], say: Callable[..., str]) -> str:
    """Return a reason as one line: what, how many points, and what the sources say."""
    details = [say(one["text"], **one["values"]) for one in reason["details"]]
    words = f"{say(reason['text'])} +{reason['points']}"
    return f"{words} ({', '.join(details)})" if details else words
