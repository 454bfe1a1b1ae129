export const en = {
  app: { title: 'Checkout', till: 'Till {till}', demo: 'Demo shop', signOut: 'Sign out', language: '中文', theme: 'Light / dark', skip: 'Basket' },
  login: {
    title: 'Sign in', again: 'Please sign in again', kept: 'The basket is kept. Go on where you were.',
    username: 'User name', password: 'Password', till: 'Till', submit: 'Sign in', busy: 'Signing in…',
    offline: 'The server does not answer. Trying again…', wait: 'Please wait {seconds} s before trying again.',
    passwordOrPin: 'Password or PIN', code: 'Code of your authenticator app', startAgain: 'Start again',
    choosePin: 'Choose a new PIN', newPin: 'New PIN (6 digits)', newPinAgain: 'New PIN once more', unequal: 'The two PINs differ: type them again.',
  },
  enrol: { title: 'Enrol this till', about: 'A manager gets the code in the back office, under Enrolled tills.', code: 'Code', submit: 'Enrol', cancel: 'Back' },
  entry: { label: 'Barcode, number or name', placeholder: 'Scan or type', times: 'times', looking: 'Looking up {count} scan | Looking up {count} scans' },
  basket: {
    title: 'Basket', empty: 'Ready for the next customer', emptyHint: 'Scan the first product. Press ? for all keys.',
    product: 'Product', quantity: 'Quantity', price: 'Price', stock: 'In stock', total: 'Total', lines: '{count} line | {count} lines',
    perKg: 'per kg', pack: 'Pack of {count}', label: 'Shop label', short: 'Only', low: 'Last', inStock: '{count} in stock',
  },
  total: { due: 'To pay', pay: 'Pay', articles: '{count} item | {count} items', last: 'Last receipt', change: 'Change' },
  keys: {
    title: 'Keyboard', close: 'Close', quantity: 'Quantity', search: 'Search', receipts: 'Receipts', refund: 'Refund', park: 'Park', resume: 'Resume',
    card: 'Card', cash: 'Cash', mobile: 'Mobile', help: 'Keys', byCamera: 'Scan with the camera', sell: 'Selling', payGroup: 'Paying', other: 'Other',
    scan: 'Scan at any time, wherever the cursor is', typed: 'Look up a typed barcode, number or name', times: '12 × the next scan or code',
    select: 'Select a line', void: 'Remove the selected line', clear: 'Empty the basket', exact: 'Exact cash: two keys to the receipt',
    exactCard: 'Exact amount by card', exactMobile: 'Exact amount by mobile code', quick: 'Next round sum', undo: 'Take back the last part payment (field empty)',
    print: 'Print the receipt', next: 'Next customer (or just scan)', escape: 'Close or go back', signOut: 'Sign out (the basket stays)',
    drawer: 'Open the drawer (supervisors)', language: 'English / Chinese', theme: 'Light / dark', multiply: 'Multiply',
  },
  search: { title: 'Find a product', label: 'Name, number or first letters', none: 'Nothing found for “{text}”', start: 'Type at least two characters.', hint: '↑ ↓ choose · Enter add · Esc close' },
  camera: { title: 'Scan with the camera', start: 'Each product counts once; take it away and bring it back to count it again.' },
  choose: { title: 'Which product is it?', text: 'The code {code} belongs to more than one product.' },
  weight: { title: 'Weigh the goods', label: 'Weight in kg', wrong: 'Enter kilograms with at most three decimals, for example 0.450', add: 'Add', at: '{price} per kg', scale: 'From the scale', hint: 'F2 or Enter: take the weight from the scale · Enter again: add' },
  quantity: { title: 'Change the quantity', label: 'Quantity', wrong: 'Whole pieces above zero', wrongKg: 'Kilograms with at most three decimals', wrongPack: 'Whole packs of {count}', most: 'At most {count} on one line', save: 'Change' },
  clear: { title: 'Empty the basket?', text: 'All {count} lines will be removed.', yes: 'Empty the basket' },
  pay: {
    title: 'Payment', due: 'To pay', total: 'Total', change: 'Change', cash: 'Cash', card: 'Card', mobile: 'Mobile', received: 'Amount', exact: 'Exact',
    confirm: 'Enter: take {amount}', finish: 'Enter: finish the sale', paidSoFar: 'Paid so far', missing: 'Still to pay', how: 'How the customer pays', quick: 'Round sums',
    wrong: 'This is not an amount.', change_only_cash: 'Only cash may be more than what is to pay.', amount: 'The amount must be above zero.', much: 'The change would be {change}. Press Enter once more if that is right.',
    hint: 'F9 cash · F8 card · F10 mobile · ↑ ↓ round sums · Enter pays · Esc back',
  },
  sending: {
    title: 'Finishing the payment', text: 'Waiting for the server’s answer.', retry: 'No answer yet. The same sale is sent again (attempt {attempt}); it will be booked only once.',
    titleRefund: 'Finishing the refund', retryRefund: 'No answer yet. The same refund is sent again (attempt {attempt}); it will be booked only once.',
    stop: 'Esc: stop waiting', notStored: 'The server has not stored this sale.', stopping: 'Stopping after this attempt…', unknown: 'It cannot be checked yet whether the sale was stored. Please wait.',
  },
  short: {
    title: 'Not enough in stock', text: 'These products are short:', wanted: 'Wanted', available: 'Available', limit: 'Sell what is available', inHand: 'The goods are in hand',
    supervisor: 'needs a supervisor', back: 'Back to the basket', removed: 'removed', sell: 'To sell',
  },
  prices: { title: 'Prices have changed', text: 'Please tell the customer before going on.', was: 'was', agree: 'Go on with {total}', back: 'Back to the basket' },
  approval: { title: 'Supervisor approval', goods_in_hand: 'Sell goods the books say are not there', refund_over_limit: 'Refund above the limit', username: 'Supervisor', password: 'Password', passwordOrPin: 'Password or PIN', submit: 'Approve' },
  receipt: {
    title: 'Receipt', thanks: 'Thank you for your purchase', change: 'Change', exact: 'Paid exactly', copy: 'COPY {number}', number: 'Receipt', till: 'Till', cashier: 'Cashier', total: 'Total',
    returned: 'returned', refund: 'Refund', print: 'Print', next: 'Next customer', refunded: 'Refunded', hint: 'P print · Enter next customer · or just scan',
  },
  printing: {
    waiting: 'The printer will print it.', sending: 'Printing…', printed: 'Printed.', perhaps: 'Perhaps printed: look at the paper. P prints a copy.', given_up: 'Not printed.',
    problems: {
      off: 'The printer is off or not connected. It is printed when it is back.', paper: 'The printer has no paper.', cover: 'The cover of the printer is open.', not_ready: 'The printer is not ready.',
      broken_off: 'The connection broke.', unprintable: 'This receipt cannot be printed.',
    },
    copySent: 'The copy is on its way to the printer.', drawer: 'Drawer', drawerShut: 'The drawer did not open. {reason}', drawerKey: 'Open it with its key.',
  },
  receipts: { title: 'Recent receipts', none: 'No receipts yet.', view: 'Show', reprint: 'Print copy', refund: 'Refund', hint: '↑ ↓ choose · Enter show · P print copy · R refund · Esc close' },
  refund: {
    title: 'Refund', number: 'Receipt number', find: 'Find', sold: 'Sold', left: 'Returnable', quantity: 'Return', to: 'Goods go to', shelf: 'Shelf', waste: 'Waste', reason: 'Reason',
    reasons: { damaged: 'Damaged', wrong: 'Wrong product', changed: 'Customer changed their mind' }, estimate: 'About {amount} to give back', submit: 'Refund',
    nothing: 'Enter a quantity for at least one line.', needReason: 'Please give a reason.', tooMuch: 'At most {left} of {name}.', notNumber: 'Check the quantity of {name}.', nothingLeft: 'Everything on this receipt has been returned.',
    done: 'Refund {number}', giveBack: 'Give back', hint: '↑ ↓ line · F2 shelf or waste · ↓ in “Reason” suggests · F3 everything · F9 refund', close: 'Close', all: 'Everything',
  },
  park: { title: 'Park the basket', label: 'Note (optional)', hint: 'For example the customer’s name', submit: 'Park', done: 'Basket parked.', empty: 'There is nothing to park.' },
  resume: { title: 'Parked baskets', none: 'No basket is parked.', taken: 'Basket resumed.', notEmpty: 'Pay or park this basket first.', lines: '{count} line | {count} lines', hint: '↑ ↓ choose · Enter resume · Esc close', by: '{name}, {time}' },
  notice: {
    wholePieces: '{name} is sold in whole pieces.', storageFull: 'This browser cannot store the sale. The payment was not started.', stopped: 'Stopped. The sale was not booked; the basket is unchanged.',
    alreadyPaid: 'This basket was already paid with receipt {number}.', scanIgnored: 'Not added: {code}. Finish or close the payment first.', scanIgnoredHere: 'Not added: {code}. Close this window first.',
    voided: 'Removed: {name}', newPrice: 'New price of {name}: {now} instead of {was}', noLine: 'Select a line first.', labelDead: 'The label of {name} holds no longer. Del removes its line; then weigh or scan it anew.', labelFixed: 'The label of {name} says how much it is. Remove the line, or scan one more.', busy: 'A sale is being finished.', tooMany: 'Not added: {name}. At most {count} on one line: sell the rest in a second sale.', lookingUp: 'The payment opens when all scans have been looked up.',
    noDrawer: 'Your account may not open the drawer. Ask a supervisor.', updated: 'Basket cut down to what is available.',
    noRefund: 'Your account may not give refunds. Ask a supervisor.',
  },
  banner: { offline: 'No connection to the server. The basket is safe; scans are kept and looked up as soon as it answers.', waiting: '{count} scan waiting | {count} scans waiting', notOnPaper: '{count} receipt is not on paper yet: look at the printer. | {count} receipts are not on paper yet: look at the printer.' },
  common: { close: 'Close', cancel: 'Cancel', error: 'That did not work: no connection.' },
}

type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> }
export type Messages = Texts<typeof en>
