"""What a count, its close or its approval may refuse."""

from app.domain.errors import ShopError


class StocktakeUnknown(ShopError):
    """No such counting session in this store."""

    code = "stocktake_unknown"


class StocktakeOverlaps(ShopError):
    """Another session that has not ended counts some of the same products; `stocktake_id` says which."""

    code = "stocktake_overlaps"


class StocktakeUuidConflict(ShopError):
    """This UUID already stands for another session."""

    code = "stocktake_uuid_conflict"


class NothingToCount(ShopError):
    """No stocked product is there."""

    code = "nothing_to_count"


class NothingCountedYet(ShopError):
    """A session without a single count cannot be closed."""

    code = "nothing_counted_yet"


class TooManyToCount(ShopError):
    """More products than one session may have; `limit` says how many that is."""

    code = "too_many_to_count"


class StocktakeClosed(ShopError):
    """The session takes no more counts of this product."""

    code = "stocktake_closed"


class StocktakeOpen(ShopError):
    """It is still being counted: close it first."""

    code = "stocktake_open"


class ProductUnknown(ShopError):
    """No such product."""

    code = "product_unknown"


class NotInStocktake(ShopError):
    """The product is not part of this session."""

    code = "not_in_stocktake"


class AlreadyCounted(ShopError):
    """The same person has counted it already: `total`; more of it at another place is added when they say so."""

    code = "already_counted"


class CountUuidConflict(ShopError):
    """This UUID already stands for another count."""

    code = "count_uuid_conflict"


class QuantityNotWhole(ShopError):
    """Part of a piece."""

    code = "quantity_not_whole"


class RecountNeeded(ShopError):
    """Lines whose figures cannot be believed yet; `lines` names each."""

    code = "recount_needed"


class SecondPersonNeeded(ShopError):
    """The variances of what one has counted oneself are worth more than `limit`: somebody else approves."""

    code = "second_person_needed"
