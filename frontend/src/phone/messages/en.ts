export const en = {
  app: { title: 'Warehouse', demo: 'Demo shop', language: '中文', theme: 'Light / dark', signOut: 'Sign out', back: 'Back', close: 'Close', update: 'A new version is ready', reload: 'Load it' },
  login: {
    title: 'Sign in', again: 'Please sign in again', kept: 'Nothing is lost: {count} record waits and is sent after you sign in. | Nothing is lost: {count} records wait and are sent after you sign in.',
    ofOthers: '{count} record of another user waits on this phone and is sent when they sign in. | {count} records of other users wait on this phone and are sent when they sign in.',
    username: 'User name', password: 'Password', submit: 'Sign in', busy: 'Signing in…', offline: 'No connection to the server. Signing in needs one.', later: 'Go on without signing in',
    code: 'Code of your authenticator app', startAgain: 'Start again',
  },
  home: {
    count: 'Count', countAbout: 'Stocktake', receive: 'Receive', receiveAbout: 'Goods at the door', lookup: 'Look up', lookupAbout: 'Price and stock',
    approve: 'Approve', approveAbout: 'Orders to suppliers', shelves: 'Shelves', shelvesAbout: 'Look whether it is there', none: 'Your account may not work here. Ask a manager.', install: 'Install on this phone',
  },
  state: {
    signIn: 'Signed out: sign in to send and to see what is new', offline: 'No network', waiting: '{count} waiting', refused: '{count} refused', sending: 'Sending…',
    old: 'Saved on this phone {time}. The server cannot be reached now.', loading: 'Loading…', noAnswer: 'No connection to the server.', retry: 'Try again', notKept: 'This phone could not store it. Free some space and try again.',
  },
  code: { name: 'Scan or type', camera: 'Camera', cameraOff: 'Stop the camera', go: 'OK', closeFirst: 'Not taken: answer the question first.' },
  pad: { quantity: 'Quantity', erase: 'Erase', clear: 'Clear', comma: 'Decimal point', pieces: 'pieces', kg: 'kg', times: '×', whole: 'Whole pieces only', grams: 'Kilograms with at most three decimals', pack: '+ 1 pack of {count}' },
  count: {
    sessions: 'Stocktake', noneOpen: 'Nothing is being counted.', start: 'Start a count', today: 'Today', startThese: 'Count these {count}',
    category: 'Category', shelf: 'Shelf', products: '{count} product | {count} products', filter: 'Find a category or shelf', shelfName: 'Shelf {shelf}', noShelves: 'No product has a shelf yet.',
    progress: '{done} of {all} counted', recounts: '{count} to count again', recount: 'Count again', todo: 'To count', counted: 'Counted', lines: 'Which lines', place: 'Where you count', places: { shelf: 'Sales floor', back: 'Store room' }, onceMore: '{name} has to be counted once more, best by somebody else.', notAgain: '{name} need not be counted again.', noneLeft: 'Nothing left to count here.', noMatch: 'Nothing found for “{text}”.',
    unsent: 'not sent yet', save: 'Save', before: 'You have already counted {before}.', ask: 'Is {more} on top of it?', add: 'Add up to {sum}', instead: 'That was wrong: {all} in all', no: 'No, back',
    saved: '{name}: {quantity}', notHere: '{name} is not part of this count.', unknown: 'Unknown code: {code}', unknownOffline: 'This code is not in the list on this phone. It is looked up when the network is back. Count how often this very code is there; a carton is one.', codeOnly: 'Code {code}', saveFirst: 'Save or cancel {name} first.',
    finish: 'Finish counting', finishAsk: 'Everything counted? {left} product has no count yet. | Everything counted? {left} products have no count yet.', finishAll: 'Everything is counted.', finishYes: 'Finish', finished: 'The count is handed in.', finishUnsent: 'Some counts are not sent yet. Finish when the network is back.',
    more: '{count} more: scan, or type a name.', opened: 'Started {time}', overlaps: 'Open the running count',
    shelfShort: 'Shelf {shelf}',
  },
  receive: {
    orders: 'Receive goods', none: 'No order is on its way.', order: 'Order {id}', expected: 'expected', noDate: 'No date', lines: '{count} product | {count} products', due: '{count} expected',
    complete: 'complete', unsent: 'A delivery of this order waits to be sent.', save: 'Save', uncount: 'Not delivered', notHere: '{name} is not on this order.', unknown: 'Unknown code: {code}',
    finish: 'Book the delivery', review: 'Book this delivery?', asOrdered: '{count} as ordered', surplus: 'More than ordered', surplusAsk: 'Keep the surplus', surplusNo: 'Correct the quantities or keep the surplus.', short: 'Still missing', more: 'The rest comes later', closed: 'Nothing more comes: close the order', book: 'Book', back: 'Back',
    queued: 'Booked on this phone. It is sent as soon as possible.', line: '{name}: {count} (expected {expected})',
  },
  lookup: {
    title: 'Look up', hint: 'Scan a product or type a name.', none: 'Nothing found for “{text}”.', perKg: 'per kg', available: 'Can be sold', reserved: 'sold, not yet posted', onHand: 'In the books', safety: 'Safety stock', onOrder: 'On order', expected: 'Expected {date}', notOrdered: 'Nothing on order', below: 'below safety stock', blind: 'Being counted: what the books say is shown again when the count is booked.', counted: 'Being counted', sku: 'No. {sku}',
  },
  approve: {
    title: 'Approve orders', none: 'No order waits.', drafts: 'To approve', approved: 'To place', total: 'Total', packs: '{count} pack of {size} | {count} packs of {size}', less: 'One pack less', more: 'One pack more', approve: 'Approve', place: 'Place with {supplier}', placed: 'Placed. Expected {date}.', done: 'Approved. Now place it with {supplier}.', lines: '{count} line | {count} lines',
    sure: 'Order goods for {total}?', placeSure: 'Has {supplier} got the order?', yes: 'Yes', no: 'No',
  },
  shelves: {
    title: 'Shelves to look at', none: 'Everything sells as it should.', silent: 'Nothing sold since {time}. {expected} should have; the books say {available} are there.',
    was_empty: 'Empty', misplaced: 'Elsewhere', was_there: 'There', noted: 'Noted: {name}', toCount: 'Noted: {name}. Somebody has to count it.', precision: 'Right {share} % of the times in 90 days.',
  },
  outbox: {
    title: 'Waiting and refused', none: 'Everything is sent.', waiting: 'Waits to be sent', refused: 'Refused by the server', count: 'Count', receipt: 'Delivery', discard: 'Discard', discardAsk: 'Discard this record for good?', discardYes: 'Discard', keep: 'Keep', add: 'Add it up', surplus: 'Keep the surplus', send: 'Send now', quantity: 'Quantity {quantity}', products: '{count} product | {count} products', ofOthers: '{count} record of another user waits on this phone. | {count} records of other users wait on this phone.', signIn: 'Please sign in to send.', tried: 'Tried {count} times. {reason} It is tried again.',
  },
}

type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> }
export type Messages = Texts<typeof en>
