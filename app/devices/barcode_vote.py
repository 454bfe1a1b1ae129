"""Which sightings are believed: votes of variants, the picture's own word, conflicts in one place."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from app.devices import barcode_modules
from app.devices.barcode_read import RETAIL, SHORT, Corners, Ground, Image, Read, Sighting, Symbology
from app.devices.gs1_text import elements, gtin_of

SURE: Final = 0.2
"""A lead over the best other code, in correlations summed over the digits, that needs no second view."""
SURE_UNSEEN: Final = 0.28
"""The lead of a code that no engine saw: who claims it took the best code by the same measure."""
LIKELY: Final = 0.1
"""A lead that a second view makes believable."""
SURE_SHORT: Final = 0.12
"""The lead of eight digits: fewer of them are summed, and a second view is asked for in any case."""
UNDISPUTED: Final = 0.35
"""How far a lead must be before that of another text which the engines say more often."""
MOST_CHECKS: Final = 4
EARLIER: Final = "earlier picture"
"""The witness of a place already looked at, in another frame: another view."""
CORRECTED: Final = (Symbology.QR, Symbology.DATA_MATRIX)
"""Codes with error correction: what they say is checked by many times more words than a check digit."""
OUTVOTED: Final = 3
"""Times the votes that a code needs over another text in its place, where the picture cannot be asked."""


@dataclass(slots=True)
class Claim:
    """All sightings of one code in one place, and what the picture says to it."""

    sightings: list[Sighting]
    lead: float | None = None
    checked: int = 0
    is_alone: bool = False
    """Eight digits only: light paper to both sides, as no half of a longer code has."""

    @property
    def first(self) -> Sighting:
        """The sighting that began it."""
        return self.sightings[0]

    @property
    def votes(self) -> int:
        """How many engine and variant pairs saw it."""
        return len({one.witness for one in self.sightings})

    @property
    def variants(self) -> int:
        """How many variants of the picture the engines saw it in."""
        return len({one.witness.split(" ", 1)[1] for one in self.sightings if not one.witness.startswith("bars ")})

    @property
    def is_unseen(self) -> bool:
        """Whether no engine saw it, only the reader of whole digits."""
        return all(one.witness.startswith("bars ") for one in self.sightings)

    def needs_a_look(self) -> bool:
        """Whether asking the picture (once more) may decide it."""
        kind = self.first.symbology
        is_sure = self.lead is not None and self.lead >= (SURE_SHORT if kind in SHORT else SURE)
        return kind in RETAIL and self.checked < MOST_CHECKS and not (is_sure and (self.is_alone or kind not in SHORT))

    def believed(self) -> bool:
        """Whether it may be told to a till."""
        kind = self.first.symbology
        if kind in SHORT:
            return self.variants >= 2 and self.is_alone and self.lead is not None and self.lead >= SURE_SHORT
        if kind in RETAIL:
            sure = SURE_UNSEEN if self.is_unseen else SURE
            return self.lead is not None and (
                self.lead >= sure or (self.lead >= LIKELY and self.variants >= 2 and not self.is_unseen)
            )
        if kind is Symbology.ITF_14:
            return self.variants >= 2 and self.votes >= 3
        if kind in CORRECTED:
            return True
        return self.variants >= 2 or (self.votes >= 2 and bool(self.elements))

    @property
    def elements(self) -> dict[str, str]:
        """The GS1 elements that the code says it holds."""
        kind, text = self.first.symbology, self.first.text
        if kind is Symbology.DATABAR:
            return {"01": text}
        if text.startswith(("http://", "https://")) and kind in CORRECTED:
            return elements(text)
        return next((elements(one.text) for one in self.sightings if one.is_gs1), {})


@dataclass(slots=True)
class Ballot:
    """The claims about one picture, growing as variants are read."""

    grey: Image
    claims: list[Claim] = field(default_factory=list)
    lines: int = barcode_modules.LINES
    """Along which the whole picture is asked."""

    def add(self, sightings: list[Sighting], ground: Ground | None = None) -> None:
        """Count sightings and ask the picture, or the crop of it they were made in, about the new ones."""
        for sighting in sightings:
            claim = self._claim_of(sighting)
            if sighting.witness != EARLIER and claim.needs_a_look():
                self._look(claim, sighting, ground)

    def _look(self, claim: Claim, sighting: Sighting, ground: Ground | None) -> None:
        grey, seen = (ground.picture, ground.seen_in(sighting)) if ground else (self.grey, sighting)
        claim.checked += 1
        claim.is_alone |= seen.symbology in SHORT and barcode_modules.is_alone(grey, seen)
        lead = barcode_modules.margin_upright(grey, seen) if ground else barcode_modules.margin(grey, seen, self.lines)
        claim.lead = lead if claim.lead is None else max(claim.lead, lead or -np.inf)

    def _claim_of(self, sighting: Sighting) -> Claim:
        for claim in self.claims:
            if claim.first.key == sighting.key:
                claim.sightings.append(sighting)
                return claim
        self.claims.append(Claim([sighting]))
        return self.claims[-1]

    def in_doubt(self) -> bool:
        """Whether a code that the picture cannot be asked about has been seen, but not often enough."""
        return any(claim.first.symbology not in RETAIL and not claim.believed() for claim in self.claims)

    def reads(self) -> list[Read]:
        """The believed claims that nothing in their place contradicts."""
        believed = [claim for claim in self.claims if claim.believed()]
        return [_read(claim) for claim in believed if not any(_denies(other, claim) for other in self.claims)]


def _denies(other: Claim, claim: Claim) -> bool:
    """Whether the other claim makes this one doubtful: both stand in one place."""
    if other is claim or not _same_place(other.first, claim.first):
        return False
    if not other.believed():
        return _is_doubt(other, claim)
    short, other_short = claim.first.symbology in SHORT, other.first.symbology in SHORT
    return short or not other_short


def _is_doubt(other: Claim, claim: Claim) -> bool:
    """Whether a text that is not believed itself outweighs a claim of the same length."""
    kind = claim.first.symbology
    if kind in CORRECTED or (other.first.symbology in SHORT) != (kind in SHORT):
        return False
    if kind in RETAIL:
        ahead = (claim.lead or 0) - (other.lead or 0)
        is_said_more = claim.is_unseen or (other.votes > claim.votes and ahead < UNDISPUTED)
        return other.first.symbology in RETAIL and is_said_more
    return other.first.symbology is kind and claim.votes < OUTVOTED * other.votes


def _same_place(one: Sighting, two: Sighting) -> bool:
    hulls = [cv2.convexHull(_thick(sighting).astype(np.float32)) for sighting in (one, two)]
    shared, _ = cv2.intersectConvexConvex(hulls[0], hulls[1])
    return bool(shared > 0.15 * min(cv2.contourArea(hull) for hull in hulls))


def _thick(sighting: Sighting) -> Corners:
    corners = sighting.corners
    return np.concatenate([corners + np.array(by) for by in ((0, 0), (3, 3), (3, -3), (-3, 3), (-3, -3))])


def _read(claim: Claim) -> Read:
    first = claim.first
    found = claim.elements
    sure = 0.5 + min(claim.lead if claim.lead is not None else 0.5, 2.0) / 4
    return Read(
        text=_text(claim), symbology=first.symbology, gtin=gtin_of(first.text, first.symbology, found),
        corners=tuple((float(x), float(y)) for x, y in first.corners),
        confidence=round(min(1.0, sure + 0.02 * claim.votes), 3), elements=found,
    )  # fmt: skip


def _text(claim: Claim) -> str:
    """The text as the code has it; with identifiers in brackets where it says that they are."""
    said = next((one for one in claim.sightings if one.is_gs1), claim.first)
    return said.text.replace("\x1d", "")
