"""Made-up sample products with Chinese names, so that search by pinyin has something to find.

They are no facts: names, prices and the in-store barcodes (prefix 29, GS1 restricted circulation) are ours.
"""

from typing import Final

from app.domain.barcode import check_digit

_ROWS: Final = (
    ("纯牛奶 250毫升", "晨光样品", "Drinks", "1.49", "12"),
    ("绿茶 500毫升", "晨光样品", "Drinks", "1.29", "12"),
    ("茉莉花茶 100克", "晨光样品", "Drinks", "4.90", "6"),
    ("老干妈风味豆豉酱", "晨光样品", "Food", "3.79", "6"),
    ("重庆小面 五连包", "晨光样品", "Food", "5.20", "6"),
    ("东北大米 5公斤", "晨光样品", "Food", "12.90", "1"),
    ("苹果醋 500毫升", "晨光样品", "Food", "2.95", "6"),
    ("红烧牛肉面", "晨光样品", "Food", "1.19", "24"),
    ("龙须面 400克", "晨光样品", "Food", "1.85", "12"),
    ("速冻水饺 猪肉白菜", "晨光样品", "Food", "6.40", "6"),
    ("芝麻油 250毫升", "晨光样品", "Food", "4.35", "6"),
    ("酱油 500毫升", "晨光样品", "Food", "2.60", "12"),
)


def _row(number: int, name: str, brand: str, category: str, price: str, pack: str) -> dict[str, str]:
    body = f"29{number:010d}"
    return {
        "sku": f"SAMPLE-{number:03d}", "barcode": f"{body}{check_digit(body)}", "name": name, "brand": brand,
        "category": category, "supplier": "Morning Light Imports", "unit": "piece", "selling_price": price,
        "purchase_price": f"{float(price) * 0.6:.2f}", "safety_stock": "4", "pack_size": pack, "stocked": "yes",
        "archived": "no",
    }  # fmt: skip


CHINESE: Final = tuple(_row(number, *row) for number, row in enumerate(_ROWS, start=1))
