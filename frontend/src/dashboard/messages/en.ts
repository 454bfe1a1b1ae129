export const en = {
  title: 'Dashboard', demo: 'Demo shop', office: 'Back office', find: 'Find a product', notFound: 'No product found.', theme: 'Light or dark', store: 'Store', allStores: 'All stores',
  loading: 'Loading…', nothing: 'Nothing in this period.', unreachable: 'The server cannot be reached. The figures shown are older.', asOf: 'as of {time}',
  day: 'Day', hour: 'Hour', receipts: 'Receipts', lines: 'Lines', refunds: 'Refunds', quantity: 'Quantity', amount: 'Amount', margin: 'Margin', total: 'Total',
  category: 'Category', shareUnits: '% of quantity', shareNet: '% of amount',
  view: { label: 'Show {name} as', chart: 'Chart', table: 'Table' },
  period: {
    label: 'Period', from: 'From', to: 'To', apply: 'Show', last7: '7 days', last28: '28 days', last91: '13 weeks', last365: '1 year', this: 'This period',
    weekdays: 'Same weekdays before', previousShort: 'vs. period before', weekdaysShort: 'vs. same weekdays',
    wrong: 'Write days as YYYY-MM-DD, in order and at most 400 days apart.', form: 'YYYY-MM-DD', calendar: 'Calendar: {day}',
  },
  tiles: {
    taken: 'Sales today', against: '{change} against {amount} expected by now', noExpectation: 'nothing to compare with yet',
    nothing: 'nothing sold yet', nothingByNow: 'nothing sold yet · {amount} expected by now', nothingToday: 'nothing sold yet · {amount} expected today', basket: 'Average receipt',
    receipts: '{count} receipt · {lines} lines | {count} receipts · {lines} lines each', low: 'Below safety stock', lowNote: 'products in stores', nobody: '{count} without an active supplier',
    orders: 'Orders waiting for you', placed: '{count} placed and on their way', exceptions: 'Shelf and books disagree', shelves: '{count} shelf to look at | {count} shelves to look at',
    accuracy: 'Stock accuracy', notCounted: 'nothing counted in 90 days', counted: '{right} of {counted} counted lines right', proved: 'books proved {time}',
    violations: '{count} violation in the books | {count} violations in the books', notProved: 'books not proved yet',
  },
  today: {
    heading: 'Today by hour', taken: 'Taken', expected: 'Expected', summary: 'Today by hour: {taken} taken so far, {expected} expected for the whole day.',
    from: { forecast: 'Expected: the forecast of the day, spread like the same weekdays.', weekdays: 'No forecast yet: expected is what the last eight same weekdays took on average.', none: 'No history yet to expect anything from.' },
  },
  alerts: { heading: 'Stock alerts', available: 'Available', safety: 'Safety stock', level: 'Rows', open: 'Level', all: 'All', more: '{count} more below safety stock.', none: 'Nothing is below its safety stock.' },
  sales: {
    categories: 'Categories', products: 'Top sellers', inCategory: '{name}: products', allProducts: 'All products', offer: 'on offer',
    summary: '{count} in all. The greatest is {name} with {amount} of {total}.', more: '{count} more in the file.',
    soFar: 'Of the last day as much is compared as there has been of today.', nothingYet: 'Nothing sold yet.',
    comparedOnce: 'Amount is less refunds. Compared with {first} – {last}, right before and of the same weekdays.',
    compared: 'Amount is less refunds. Compared with {previousFirst} – {previousLast} (right before) and {first} – {last} (same weekdays).',
  },
  product: {
    heading: 'Product', name: 'Product', sold: 'Sold', returned: 'Returned', missing: 'Without stock', hours: '{missing} of {open} h', rows: 'Rows', open: 'Movements',
    mean: 'Forecast', upTo: 'up to', atMost: '{share} %: {quantity}', available: '{quantity} available', keyMissing: 'out of stock for a part of the day', keyOffer: 'on offer',
    summary: '{name}: {sold} sold, out of stock on {missing} day. | {name}: {sold} sold, out of stock on {missing} days.', foreseen: 'Forecast: {amount} in the next {days} days.',
    noFan: 'No forecast of this product yet.', noFanOfAll: 'Forecasts are made for each store: choose one.', method: 'Forecast by {method}, error {error}, from {days} days of history. The bands end where 80, 90, 95 and 97.5 % of such days stay below.',
  },
  methods: {
    blend: 'a blend of weekday shape and learned trees', weekday_shape: 'weekday shape', moving_average: 'moving average',
    seasonal_naive: 'the same weekday last week', ets: 'exponential smoothing', theta: 'the Theta method', croston: 'Croston’s method',
    sba: 'Croston’s method, corrected', tsb: 'the method of Teunter, Syntetos and Babai', arima700: 'ARIMA(7,0,0)', seasonal_arima: 'seasonal ARIMA',
    recent_mean: 'the mean of a short history', nothing_sold: 'nothing sold so far',
  },
  takings: {
    days: 'Sales per day', hours: 'Sales per hour', perDay: 'Per day open', basket: '{amount} and {lines} lines on an average receipt; {count} receipt. | {amount} and {lines} lines on an average receipt; {count} receipts.',
    daysSummary: '{amount} on {days} day. | {amount} on {days} days.', hoursSummary: 'The best hour begins at {hour}:00.',
  },
  stock: {
    heading: 'Stock value', value: 'At cost', retail: 'At selling price', cover: 'Lasts', days: '{days} day | {days} days', long: 'over 2 years', products: 'Products', onHand: 'On hand', sold: 'Sold in 28 days',
    slow: 'Slow sellers', dead: 'Dead stock', slowNote: 'What lasts longest at the sales of the last 28 days.', deadNote: '{count} product without a sale for 90 days: {value}. | {count} products without a sale for 90 days: {value}.', noDead: 'No stock has gone 90 days without a sale.', none: 'Nothing is in stock.',
    summary: '{value} at cost on the shelves, enough for {days}.',
  },
  expiring: {
    heading: 'Expiring stock', quantity: 'Expiring', past: '{quantity} past its life', sellBy: 'Sell by', over: 'past', left: 'Probably left over', value: 'At cost',
    note: 'Expiring at cost: {value}, {past} of it past its shelf life.',
    none: 'Nothing of {count} products with a shelf life expires soon.', unknown: 'No product in stock has a shelf life.',
    how: 'An estimate: first in, first out, by goods receipts and shelf life; left over at the pace of the last 28 days.',
    summary: '{count} product expires soon or has expired, {value} at cost: {name}. | {count} products expire soon or have expired, {value} at cost. The greatest is {name} with {most}.', more: '{count} more in the file.',
    soon: 'about to expire', gone: 'past its life',
  },
  people: { heading: 'Cashiers', name: 'Cashier', average: 'Average receipt', refundShare: 'Refunded' },
  losses: {
    heading: 'Shrinkage', reason: 'Reason', movements: 'Movements', most: 'Most of it', note: 'At the purchase price of now; losses are negative.',
    kinds: { waste: 'Waste', theft: 'Theft', correction: 'Correction', count: 'Count', found: 'Found' },
  },
}

export type Messages = typeof en
