"""Form fields of the back office: money and quantities as people write them, integers inside."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_admin.form import BaseForm
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import SelectField, StringField, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Regexp

from app.domain import catalog
from app.domain.catalog import BadCell
from app.domain.money import as_text as money_text
from app.domain.quantity import Unit
from app.domain.quantity import as_text as quantity_text
from app.views.admin.wording import field_text


class SessionToken(CSRF):  # type: ignore[misc]
    """The session's one CSRF token, the same that Flask-WTF checks before any view runs."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        """The token to put into the page."""
        return str(generate_csrf())

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        """Refuse a form without it."""
        validate_csrf(field.data)


class SecureForm(BaseForm):  # type: ignore[misc]
    """Every form of the back office: carries the CSRF token, has only the fields written here."""

    class Meta(BaseForm.Meta):  # type: ignore[misc]
        """Protection is on."""

        csrf = True
        csrf_class = SessionToken


class Pattern(Regexp):  # type: ignore[misc]
    """A text of some form, else `message` in the language of the request: pages show plain texts only."""

    def __call__(self, form: Any, field: Any, message: str | None = None) -> Any:
        """Refuse what does not match."""
        return super().__call__(form, field, message or str(self.message))


class _NumberField(StringField):  # type: ignore[misc]
    """Text in the page, an integer inside; an empty field is None when `is_optional`."""

    parse: Callable[[str], int]
    show: Callable[[int], str]

    def __init__(self, *args: Any, is_optional: bool = False, **kwargs: Any) -> None:
        self.is_optional = is_optional
        self.typed: str | None = None
        super().__init__(*args, **kwargs)
        if not is_optional:
            self.flags.required = True

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else type(self).show(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse what was typed; it is shown again as typed when it is wrong."""
        if not valuelist:
            return
        self.typed, self.data = valuelist[0][:100], None
        if not self.typed.strip():
            if not self.is_optional:
                raise ValidationError(field_text("required", {}))
            return
        try:
            self.data = type(self).parse(self.typed)
        except BadCell as error:
            raise ValidationError(field_text(error.code, error.params)) from None


class MoneyField(_NumberField):
    """An amount of the store's currency: "1.99" in the page, 199 inside."""

    parse = staticmethod(catalog.price)
    show = staticmethod(money_text)


class QuantityField(_NumberField):
    """Pieces or kg: "1.5" in the page, 1500 inside."""

    parse = staticmethod(catalog.quantity)
    show = staticmethod(lambda thousandths: quantity_text(thousandths, Unit.PIECE))


def signed_quantity(text: str) -> int:
    """Like a quantity, but a minus sign is meant."""
    stripped = text.strip().replace("−", "-")
    sign = -1 if stripped.startswith("-") else 1
    return sign * catalog.quantity(stripped.removeprefix("-").removeprefix("+"))


class ChangeField(_NumberField):
    """A change of stock: "-3" takes three away."""

    parse = staticmethod(signed_quantity)
    show = staticmethod(lambda thousandths: quantity_text(thousandths, Unit.PIECE))


def per_mille(text: str) -> int:
    """ "97.5" per cent is 975 of 1000."""
    thousandths = catalog.quantity(text.strip().removesuffix("%"))
    if thousandths % 100:
        raise BadCell("one_decimal")
    return thousandths // 100


class ShareField(_NumberField):
    """A part of all: "97.5" per cent in the page, 975 inside."""

    parse = staticmethod(per_mille)
    show = staticmethod(lambda share: quantity_text(share * 100, Unit.PIECE))


def offered(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Values with their words, to choose from."""
    return [SelectChoice(value, label) for value, label in pairs]


class RowSelect(SelectField):  # type: ignore[misc]
    """One row of another table by its id; `rows` gives the choices anew for each page."""

    def __init__(self, *args: Any, rows: Callable[[], list[tuple[int, str]]], is_optional: bool = False, **kwargs: Any):
        self.is_optional = is_optional
        super().__init__(*args, coerce=_id_or_none, choices=lambda *_form: self._offered(rows), **kwargs)

    def _offered(self, rows: Callable[[], list[tuple[int, str]]]) -> list[SelectChoice]:
        return offered([("", "—"), *rows()])

    def pre_validate(self, form: Any) -> None:
        """Refuse an id that is not offered, and nothing when something is needed."""
        if self.data is None and self.is_optional:
            return
        if self.data not in {value for value, *_rest in self.iter_choices()}:
            raise ValidationError(field_text("unknown", {}))


def _id_or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


def text_or_none(value: str | None) -> str | None:
    """A text field left empty means: none."""
    return (value or "").strip() or None
