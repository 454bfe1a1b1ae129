"""What a scan means and what a basket costs, by the prices in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.domain import barcode
from app.domain.checkout import (
    Article,
    BasketLine,
    PricedLine,
    Shortage,
    basket_total,
    check_size,
    line_fault,
    merge,
    shortages,
)  # fmt: skip
from app.domain.errors import (
    AmbiguousBarcode,
    InvalidBasket,
    LabelUnreadable,
    LineFault,
    ProductArchived,
    ShopError,
    UnknownBarcode,
)  # fmt: skip
from app.domain.pricing import PriceTag, quantity_for_total
from app.domain.quantity import ONE, Unit
from app.queries import catalog
from app.queries.catalog import Code


@dataclass(frozen=True, slots=True)
class Scan:
    """A product and how much one scan of its code sells; `quantity` None: weigh it."""

    article: Article
    quantity: int | None
    barcode: str
    label_total: int | None = None
    pack_price: int | None = None


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """Merged lines with prices, their total, and what the books cannot cover."""

    lines: tuple[PricedLine, ...]
    total: int
    short: tuple[Shortage, ...]


def scan(session: Session, store_id: int, text: str) -> Scan:
    """The product behind a scanned or typed code: in-store label, GTIN, carton code, article number or PLU.

    Raises:
        UnknownBarcode, AmbiguousBarcode, ProductArchived: see domain.errors.
        BarcodeCheckDigit, NotAProductCode, LabelUnreadable: scan or weigh again.
    """
    outcome = scan_all(session, [(store_id, text)])[0]
    if isinstance(outcome, ShopError):
        raise outcome
    return outcome


def scan_all(session: Session, scans: Sequence[tuple[int, str]]) -> list[Scan | ShopError]:
    """What each (store, text) of a group means; one outcome each, in order, with a few questions for all."""
    outcomes: dict[int, Scan | ShopError] = {}
    keys: dict[int, str] = {}
    for place, (store_id, text) in enumerate(scans):
        try:
            label = read_label(session, store_id, text.strip())
            if label is None:
                keys[place] = barcode.normalise(text)
            else:
                outcomes[place] = label
        except ShopError as refusal:
            outcomes[place] = refusal
    outcomes |= _scan_codes(session, {place: (scans[place][0], key) for place, key in keys.items()})
    return [outcomes[place] for place in range(len(scans))]


def scans_after(session: Session, store_id: int, product_id: int, limit: int) -> tuple[dict[str, Scan], int | None]:
    """What the barcodes of the next `limit` products after `product_id` mean, as a scanner sends them.

    With them the number of the last of these products; None: there are no further ones.
    """
    codes = catalog.barcodes_after(session, product_id, limit)
    outcomes = _scan_codes(session, {place: (store_id, key) for place, (_, key) in enumerate(codes)})
    texts = {place: barcode.as_scanned(codes[place][1]) for place in outcomes}
    # A code that looks like an in-store label may be one: that is decided when it is scanned.
    scans = {texts[place]: one for place, one in outcomes.items() if isinstance(one, Scan) and texts[place][:1] != "2"}
    return scans, codes[-1][0] if len(codes) == limit else None


def _scan_codes(session: Session, keys: Mapping[int, tuple[int, str]]) -> dict[int, Scan | ShopError]:
    found = catalog.codes(session, {key for _, key in keys.values()}) if keys else {}
    wanted: dict[int, set[int]] = {}
    for store_id, key in keys.values():
        wanted.setdefault(store_id, set()).update(code.product_id for code in found.get(key, ()))
    articles = {store_id: catalog.articles(session, store_id, ids) for store_id, ids in wanted.items() if ids}
    return {
        place: _outcome(key, found.get(key, []), articles.get(store_id, {})) for place, (store_id, key) in keys.items()
    }


def _outcome(key: str, found: Sequence[Code], articles: Mapping[int, Article]) -> Scan | ShopError:
    on_sale = [one for one in found if not articles[one.product_id].is_archived]
    if not on_sale:
        return _archived(articles[found[0].product_id]) if found else UnknownBarcode(code=barcode.shown(key))
    if len({one.product_id for one in on_sale}) > 1:
        return AmbiguousBarcode(candidates=[articles[one.product_id] for one in on_sale])
    return _scan_of(on_sale[0], articles[on_sale[0].product_id])


def read_label(session: Session, store_id: int, text: str) -> Scan | None:
    """What an in-store label (prefix 20-29) says, or None when no rule fits."""
    if not text.startswith("2") or len(text) != 13:
        return None
    label = barcode.read_label(text, catalog.label_rules(session))
    if label is None:
        return None
    product_id = catalog.product_id_by_plu(session, label.item)
    if product_id is None:
        raise UnknownBarcode(code=text)
    article = catalog.articles(session, store_id, [product_id])[product_id]
    if article.is_archived:
        raise _archived(article)
    if label.value is barcode.LabelValue.PRICE:
        return Scan(article, _quantity_of_price(article, label.amount), text, label_total=label.amount)
    if article.unit != Unit.KG:
        raise LabelUnreadable(code=text)
    return Scan(article, label.amount, text)


def _quantity_of_price(article: Article, total: int) -> int:
    quantity = quantity_for_total(total, article.unit_price)
    if article.unit == Unit.PIECE:
        return max(ONE, quantity // ONE * ONE)
    return max(1, quantity)


def _scan_of(code: Code, article: Article) -> Scan:
    is_weighed = article.unit == Unit.KG and code.pack_quantity == ONE
    return Scan(article, None if is_weighed else code.pack_quantity, code.code, pack_price=code.pack_price)


def _archived(article: Article) -> ProductArchived:
    return ProductArchived(product_id=article.product_id, name=article.name)


def price_basket(session: Session, store_id: int, lines: Sequence[BasketLine]) -> PricedBasket:
    """Price `lines` as they would be sold now.

    Raises:
        InvalidBasket: names every line that cannot be sold.
    """
    check_size(lines)
    articles = catalog.articles(session, store_id, [line.product_id for line in lines])
    priced = price_lines(session, store_id, lines, articles)
    available = {article.product_id: article.available for article in articles.values()}
    return PricedBasket(tuple(priced), basket_total(priced), tuple(shortages(priced, available)))


def price_lines(
    session: Session, store_id: int, lines: Sequence[BasketLine], articles: Mapping[int, Article]
) -> list[PricedLine]:
    """Check and price every line, then merge equal ones.

    Raises:
        InvalidBasket: names every line that cannot be sold.
    """
    tags = _SpecialCodes(session, store_id, lines, articles)
    faults: list[LineFault] = []
    priced: list[PricedLine] = []
    for place, line in enumerate(lines):
        article = articles.get(line.product_id)
        fault = line_fault(place, line, article) or tags.fault(place, line)
        if fault:
            faults.append(fault)
        elif article:
            priced.append(PricedLine(article, line.quantity, tags.tag(line, article), line.barcode))
    if faults:
        raise InvalidBasket(faults)
    return merge(priced)


class _SpecialCodes:
    """Price tags of lines whose code is a carton's or an in-store label's; plain lines cost no question."""

    def __init__(
        self, session: Session, store_id: int, lines: Sequence[BasketLine], articles: Mapping[int, Article]
    ) -> None:
        self._session = session
        self._store_id = store_id
        special = [line for line in lines if self._is_special(line, articles.get(line.product_id))]
        self._labels = {line.barcode: self._label(line) for line in special if line.barcode}
        wanted = [_key(code) for code, label in self._labels.items() if label is None]
        found = catalog.codes(session, set(wanted)) if wanted else {}
        self._packs = {(code.code, code.product_id): code for one in found.values() for code in one}

    @staticmethod
    def _is_special(line: BasketLine, article: Article | None) -> bool:
        return bool(line.barcode and article and _key(line.barcode) not in (article.barcode, article.sku))

    def _label(self, line: BasketLine) -> Scan | ShopError | None:
        try:
            return read_label(self._session, self._store_id, line.barcode or "")
        except ShopError as error:
            return error

    def _pack(self, line: BasketLine) -> Code | None:
        return self._packs.get((_key(line.barcode or ""), line.product_id))

    def fault(self, place: int, line: BasketLine) -> LineFault | None:
        """What is wrong between the line and its code, or None."""
        if line.barcode not in self._labels:
            return None
        label = self._labels[line.barcode]
        if isinstance(label, Scan):
            same = label.article.product_id == line.product_id and label.quantity == line.quantity
            return None if same else LineFault(place, "label_mismatch", {"barcode": line.barcode})
        pack = self._pack(line)
        if isinstance(label, ShopError) or pack is None:
            return LineFault(place, "label_mismatch", {"barcode": barcode.shown(line.barcode or "")})
        if line.quantity % pack.pack_quantity and pack.pack_price is not None:
            return LineFault(place, "pack_mismatch", {"pack_quantity": pack.pack_quantity})
        return None

    def tag(self, line: BasketLine, article: Article) -> PriceTag:
        """The price that holds for the line."""
        label = self._labels.get(line.barcode or "")
        if isinstance(label, Scan):
            return PriceTag(article.unit_price, label_total=label.label_total)
        pack = self._pack(line) if self._packs else None
        if pack and pack.pack_price is not None:
            return PriceTag(article.unit_price, pack.pack_quantity, pack.pack_price)
        return PriceTag(article.unit_price)


def _key(code: str) -> str:
    """The look-up key of a code, without refusing anything: the line check names what is wrong."""
    text = code.strip()
    return barcode.to_gtin14(text) if barcode.is_gtin(text) else text
