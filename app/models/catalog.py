"""What the shop sells and who supplies it."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.quantity import Unit
from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code

NAME_LENGTH: Final = 200
SHELF_LENGTH: Final = 30


class Category(Base):
    """A shelf group; protected from deletion while products use it.

    `service_level` is how often stock should last until the next delivery, in thousandths: 950 = 19 times in 20.
    """

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    service_level: Mapped[int] = mapped_column(Integer, default=950, server_default="950")

    def __str__(self) -> str:
        return self.name


class Supplier(Base):
    """Who delivers; `lead_time_days` from placing an order to its arrival."""

    __tablename__ = "suppliers"
    __table_args__ = (CheckConstraint("lead_time_days BETWEEN 0 AND 365", name="lead_time"), MYSQL)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(50))
    lead_time_days: Mapped[int] = mapped_column(Integer, default=2)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __str__(self) -> str:
        return self.name


class Product(Base):
    """An article. Prices are minor units per piece or kg, VAT included; quantities are thousandths.

    `barcode` is normalised (GTIN padded to 14 digits). `plu` is its item number on in-store labels. `pack_size` is
    what the supplier delivers as one, `minimum_order` the least they send at all, `shelf_life_days` how long it may
    stand after delivery. `safety_stock` holds for every shop whose stock level sets none of its own.
    `shortage_policy` (block | allow) overrides the store's. `shelf` is where it stands, in the shop's own words.
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("selling_price > 0", name="selling_price"),
        CheckConstraint("purchase_price >= 0", name="purchase_price"),
        CheckConstraint("safety_stock >= 0", name="safety_stock"),
        CheckConstraint("pack_size > 0", name="pack_size"),
        CheckConstraint("unit IN ('piece', 'kg')", name="unit"),
        Index("ix_products_name", "name"),
        Index("ix_products_shelf", "shelf"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sku: Mapped[str] = mapped_column(short_code(48), unique=True)
    barcode: Mapped[str | None] = mapped_column(short_code(48), unique=True)
    plu: Mapped[str | None] = mapped_column(short_code(8), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    search_text: Mapped[str] = mapped_column(String(600), default="")
    brand: Mapped[str | None] = mapped_column(String(100))
    net_quantity: Mapped[str | None] = mapped_column(String(30))
    shelf: Mapped[str | None] = mapped_column(String(SHELF_LENGTH))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"), index=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("suppliers.id", ondelete="RESTRICT"), index=True)
    unit: Mapped[str] = mapped_column(short_code(8), default=Unit.PIECE.value)
    purchase_price: Mapped[int] = mapped_column(BigInteger, default=0)
    selling_price: Mapped[int] = mapped_column(BigInteger)
    safety_stock: Mapped[int] = mapped_column(BigInteger, default=0)
    pack_size: Mapped[int] = mapped_column(BigInteger, default=1000)
    minimum_order: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    shelf_life_days: Mapped[int | None] = mapped_column(Integer)
    shortage_policy: Mapped[str | None] = mapped_column(short_code(8))
    is_stocked: Mapped[bool] = mapped_column(Boolean, default=True)
    is_archived: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_by: Mapped[str | None] = mapped_column(String(100))

    category: Mapped[Category] = relationship()
    supplier: Mapped[Supplier | None] = relationship()
    further_barcodes: Mapped[list["ProductBarcode"]] = relationship(
        back_populates="product", cascade="all, delete-orphan", order_by="ProductBarcode.id"
    )

    if TYPE_CHECKING:  # sums over stock levels; models.stock, which knows those, defines them
        current_stock: Mapped[int]
        reserved_stock: Mapped[int]
        need_replenishment: Mapped[bool]

    # Two managers on one row: the second UPDATE finds no row and is refused.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - declarative reads it as it is

    def __str__(self) -> str:
        return self.name


class ProductWord(Base):
    """A beginning by which a search finds a product; `services.catalog_search_words` keeps them."""

    __tablename__ = "product_words"

    word: Mapped[str] = mapped_column(short_code(24), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True)


class ProductBarcode(Base):
    """A further code of a product; a carton code sells `pack_quantity` at `pack_price` (or unit price × pack)."""

    __tablename__ = "product_barcodes"
    __table_args__ = (
        UniqueConstraint("code", "product_id"),
        CheckConstraint("pack_quantity > 0", name="pack_quantity"),
        CheckConstraint("pack_price IS NULL OR pack_price > 0", name="pack_price"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(short_code(48))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    pack_quantity: Mapped[int] = mapped_column(BigInteger, default=1000)
    pack_price: Mapped[int | None] = mapped_column(BigInteger)

    product: Mapped[Product] = relationship(back_populates="further_barcodes")

    def __str__(self) -> str:
        return self.code


class InStoreLabelRule(Base):
    """One format of in-store labels (prefix 20-29); see `domain.barcode.LabelRule`."""

    __tablename__ = "in_store_label_rules"
    __table_args__ = (CheckConstraint("value IN ('weight', 'price')", name="value"), MYSQL)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    prefix: Mapped[str] = mapped_column(short_code(4), unique=True)
    item_digits: Mapped[int] = mapped_column(Integer)
    value: Mapped[str] = mapped_column(short_code(8))
    value_decimals: Mapped[int] = mapped_column(Integer)
    has_verifier: Mapped[bool] = mapped_column(Boolean, default=False)

    def __str__(self) -> str:
        return self.prefix


class CatalogEdition(Base):
    """The edition of the catalogue in force, one row: a number that nobody can guess, new with every change.

    Who remembers prices compares it. Drawn by lot and not counted on: after a database went back (a restored backup, a
    replica in place of a lost primary) no number comes again with other prices behind it.
    """

    __tablename__ = "catalog_editions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
