"""Entropy: which public chances feed the seed, and their one canonical text."""

import re
import unicodedata
from dataclasses import dataclass

from sampling.tickets.refusals import MalformedEntropy, MalformedEntropyRule, TooFewDigits

FEWEST_DICE = 20  # decimal digits: about 66 bits, too many to try out; one national lottery alone carries 24
DRAND_DIGITS = 64  # hexadecimal digits of a drand round's randomness
_NAME = re.compile(r"[a-z0-9-]+")
_NUMBER = re.compile(r"[1-9][0-9]{0,18}")
_DECIMAL = re.compile(r"[0-9]+")
_HEXADECIMAL = re.compile(r"[0-9a-f]{64}")
_FORMS = "dice:<digits>, drand:<chain>:<round> or lottery:<name>:<issue>"


@dataclass(frozen=True)
class Source:
    """One public chance.

    Parameters
    ----------
    kind : {'dice', 'drand', 'lottery'}
    name : str
        The chain or lottery; empty for dice.
    number : int
        How many digits of dice at least, which drand round, which lottery issue.
    """

    kind: str
    name: str
    number: int

    @property
    def text(self) -> str:
        """As it stands in a rule."""
        return f"dice:{self.number}" if self.kind == "dice" else f"{self.kind}:{self.name}:{self.number}"


@dataclass(frozen=True)
class EntropyRule:
    """The sources of a draw, in order, named before any of them exists.

    Parameters
    ----------
    sources : tuple of Source
        Dice exactly once and last; drand rounds and lottery issues, if any, before.

    Examples
    --------
    >>> rule = EntropyRule.parse("lottery:ssq:2026140|dice:20")
    >>> [s.kind for s in rule.sources]
    ['lottery', 'dice']
    >>> rule.accept("05 12 17 23 28 31 07 | 3141592653 5897932384").text
    '05121723283107|31415926535897932384'
    """

    sources: tuple[Source, ...]

    @classmethod
    def parse(cls, text: str) -> "EntropyRule":
        """Read a rule's ``text`` such as ``drand:quicknet:27946612|dice:20``.

        Raises
        ------
        MalformedEntropyRule
            Unknown kinds, dice missing, twice or not last, fewer than 20 digits of dice asked for.
        """
        sources = []
        for part in text.split("|"):
            kind, *rest = part.split(":")
            number = rest[-1] if rest else ""
            named = len(rest) == 2 and _NAME.fullmatch(rest[0]) is not None  # noqa: PLR2004 - name and number
            if _NUMBER.fullmatch(number) is None or not (
                (kind == "dice" and len(rest) == 1) or (kind in ("drand", "lottery") and named)
            ):
                raise MalformedEntropyRule("entropy rule", f"{part!r} is no source", f"write {_FORMS}")
            sources.append(Source(kind, rest[0] if named else "", int(number)))
        if [s.kind for s in sources].count("dice") != 1 or sources[-1].kind != "dice":
            raise MalformedEntropyRule(
                "entropy rule",
                f"{text!r} does not end with dice",
                "throw dice once, after every other source",
            )
        if sources[-1].number < FEWEST_DICE:
            raise MalformedEntropyRule(
                "entropy rule",
                f"asks for {sources[-1].number} digits of dice",
                f"ask for at least {FEWEST_DICE}",
            )
        return cls(tuple(sources))

    @property
    def text(self) -> str:
        """As it stands in a manifest."""
        return "|".join(source.text for source in self.sources)

    def accept(self, text: str) -> "Entropy":
        """Bring a text to its canonical form and check it against the rule.

        Parameters
        ----------
        text : str
            Each source's digits in the order of the rule, joined by ``|``; white space and full-width
            digits are welcome.

        Returns
        -------
        Entropy
            With what was normalised.

        Raises
        ------
        MalformedEntropy
            Another number of sources, or characters that are not digits.
        TooFewDigits
            Fewer digits of dice than the rule asks for.
        """
        entropy = normalise_entropy(text)
        parts = entropy.text.split("|")
        if len(parts) != len(self.sources):
            raise MalformedEntropy(
                "entropy",
                f"has {len(parts)} sources, the rule {len(self.sources)} ({self.text})",
                "join the digits of each source, in the order of the rule, by |",
            )
        for source, part in zip(self.sources, parts, strict=True):
            pattern = _HEXADECIMAL if source.kind == "drand" else _DECIMAL
            if pattern.fullmatch(part) is None:
                form = "64 hexadecimal digits" if source.kind == "drand" else "decimal digits"
                raise MalformedEntropy(f"entropy, {source.text}", f"is {part!r}", f"give {form} only")
        if len(parts[-1]) < self.sources[-1].number:
            raise TooFewDigits(
                "entropy, dice",
                f"{len(parts[-1])} digits of {self.sources[-1].number}",
                "throw on; leading zeros count, so enter the digits as text",
            )
        return entropy


@dataclass(frozen=True)
class Entropy:
    """A text of digits in canonical form.

    Parameters
    ----------
    text : str
        ASCII, without white space; sources joined by ``|``.
    normalised : tuple of str
        What was changed to bring it to that form, in words; empty when nothing was.
    """

    text: str
    normalised: tuple[str, ...]


def normalise_entropy(text: str) -> Entropy:
    """Remove white space, turn full-width digits and bars into ASCII, and say what was done.

    Leading zeros are kept: they are digits of the dice.

    Parameters
    ----------
    text : str

    Returns
    -------
    Entropy

    Examples
    --------
    >>> normalise_entropy(" 0３1 ")
    Entropy(text='031', normalised=('white space removed: 2', 'full-width characters made ASCII: 1'))
    """
    kept = [c for c in text if not c.isspace()]
    # only the full-width forms of ASCII are turned: other digits of the world would be a guess
    folded = [unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" else c for c in kept]
    notes = []
    if len(kept) < len(text):
        notes.append(f"white space removed: {len(text) - len(kept)}")
    changed = sum(a != b for a, b in zip(kept, folded, strict=True))
    if changed:
        notes.append(f"full-width characters made ASCII: {changed}")
    return Entropy("".join(folded), tuple(notes))
