"""Reports: what was sold, what lies on the shelves, and how today goes. Summaries of closed days; today live."""

from apiflask import APIBlueprint

from app.domain.staff import Permission
from app.views.access import requires
from app.views.api import reports_answers as shapes
from app.views.api import reports_now_answers as now_shapes
from app.views.api import reports_questions as questions

bp = APIBlueprint("reports", __name__, url_prefix="/api/reports", tag="Reports")
PRODUCT = "<int(min=1, max=9007199254740991):product_id>"


@bp.get("/today")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.StoreQuery, location="query")
@bp.output(now_shapes.TodayAnswer)
def today(query_data: questions.StoreQuery) -> now_shapes.TodayAnswer:
    """The day so far against what was expected, and what waits for somebody."""
    return questions.today(query_data)


@bp.get("/categories")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.RowsQuery, location="query")
@bp.output(shapes.AnalysisAnswer)
def categories(query_data: questions.RowsQuery) -> shapes.AnalysisAnswer:
    """Quantity, amount, margin and shares of every category, beside earlier days."""
    return questions.categories(query_data)


@bp.get("/products")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.ProductsQuery, location="query")
@bp.output(shapes.AnalysisAnswer)
def products(query_data: questions.ProductsQuery) -> shapes.AnalysisAnswer:
    """The same of products, the best sellers first."""
    return questions.products(query_data)


@bp.get(f"/products/{PRODUCT}")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.PeriodQuery, location="query")
@bp.output(shapes.ProductAnswer)
def product(product_id: int, query_data: questions.PeriodQuery) -> shapes.ProductAnswer:
    """One product day by day, with its forecast and the days it was missing."""
    return questions.product(product_id, query_data)


@bp.get("/hours")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.PeriodQuery, location="query")
@bp.output(shapes.HoursAnswer)
def hours(query_data: questions.PeriodQuery) -> shapes.HoursAnswer:
    """Takings and receipts by hour and by day, and what an average basket is."""
    return questions.hours(query_data)


@bp.get("/cashiers")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.PeriodQuery, location="query")
@bp.output(shapes.CashiersAnswer)
def cashiers(query_data: questions.PeriodQuery) -> shapes.CashiersAnswer:
    """What each cashier took and gave back."""
    return questions.cashiers(query_data)


@bp.get("/stock")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.StockQuery, location="query")
@bp.output(now_shapes.StockAnswer)
def stock(query_data: questions.StockQuery) -> now_shapes.StockAnswer:
    """What stock is worth, how long it lasts, what is slow and what is dead."""
    return questions.stock(query_data)


@bp.get("/expiring")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.StockQuery, location="query")
@bp.output(now_shapes.ExpiringAnswer)
def expiring(query_data: questions.StockQuery) -> now_shapes.ExpiringAnswer:
    """What expires soon or has expired, estimated: first in, first out, by deliveries and shelf life."""
    return questions.expiring(query_data)


@bp.get("/shrinkage")
@requires(Permission.VIEW_REPORTS)
@bp.input(questions.PeriodQuery, location="query")
@bp.output(now_shapes.ShrinkageAnswer)
def shrinkage(query_data: questions.PeriodQuery) -> now_shapes.ShrinkageAnswer:
    """Waste, theft, corrections and counts, at purchase price."""
    return questions.shrinkage(query_data)
