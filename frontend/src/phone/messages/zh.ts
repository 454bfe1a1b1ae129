import type { Messages } from './en'

export const zh: Messages = {
  app: { title: '仓库', demo: '演示店', language: 'English', theme: '浅色／深色', signOut: '退出', back: '返回', close: '关闭', update: '新版本已就绪', reload: '载入' },
  login: {
    title: '登录', again: '请重新登录', kept: '没有丢失：{count} 条记录等待中，登录后自动发送。', ofOthers: '本机还有其他用户的 {count} 条记录，待其登录后发送。',
    username: '用户名', password: '密码', submit: '登录', busy: '正在登录…', offline: '与服务器的连接中断，登录需要网络。', later: '暂不登录，继续',
    code: '身份验证器应用的验证码', startAgain: '重新开始',
  },
  home: {
    count: '盘点', countAbout: '清点库存', receive: '收货', receiveAbout: '到货验收', lookup: '查询', lookupAbout: '价格与库存', approve: '审批', approveAbout: '补货订单', shelves: '货架', shelvesAbout: '看看货还在不在',
    none: '您的账号不能在此工作，请找经理。', install: '安装到这部手机',
  },
  state: {
    signIn: '已退出：登录后才能发送和更新', offline: '无网络', waiting: '{count} 条待发送', refused: '{count} 条被拒', sending: '正在发送…', old: '本机 {time} 保存的数据，目前连不上服务器。', loading: '正在载入…',
    noAnswer: '与服务器的连接中断。', retry: '重试', notKept: '本机无法保存。请清理空间后再试。',
  },
  code: { name: '扫描或输入', camera: '摄像头', cameraOff: '关闭摄像头', go: '确定', closeFirst: '未采用：请先回答问题。' },
  pad: { quantity: '数量', erase: '删除一位', clear: '清除', comma: '小数点', pieces: '件', kg: '千克', times: '×', whole: '只能输入整数', grams: '千克数，最多三位小数', pack: '＋1 箱（{count} 件）' },
  count: {
    sessions: '盘点', noneOpen: '目前没有盘点。', start: '开始盘点', today: '今日建议', startThese: '盘点这 {count} 种', category: '按类别', shelf: '按货架', products: '{count} 种商品',
    filter: '查找类别或货架', shelfName: '货架 {shelf}', noShelves: '还没有商品登记货架。', progress: '已盘 {done}／{all}', recounts: '{count} 种需复盘', recount: '需复盘', todo: '未盘', counted: '已盘', lines: '显示哪些', place: '在哪里盘点', places: { shelf: '卖场', back: '库房' }, onceMore: '{name} 需再盘一次，最好换人。', notAgain: '{name} 不需要复盘。', noneLeft: '这里已全部盘完。', noMatch: '没有找到“{text}”。',
    unsent: '待发送', save: '保存', before: '您已盘过 {before}。', ask: '再加上 {more}？', add: '合计 {sum}', instead: '之前有误：一共 {all}', no: '不，返回', saved: '{name}：{quantity}', notHere: '{name} 不在本次盘点范围内。', unknown: '未知条码：{code}',
    unknownOffline: '本机清单里没有这个条码，恢复网络后再查询。请数这个条码出现的次数，一箱算一个。', codeOnly: '条码 {code}', saveFirst: '请先保存或取消 {name}。', finish: '盘点完成', finishAsk: '都盘完了吗？还有 {left} 种商品没有盘。', finishAll: '已全部盘完。', finishYes: '完成', finished: '盘点已提交。',
    finishUnsent: '还有盘点记录没有发送，请在恢复网络后再完成。', more: '还有 {count} 种：请扫描或输入名称。', opened: '开始于 {time}', overlaps: '打开正在进行的盘点', shelfShort: '货架 {shelf}',
  },
  receive: {
    orders: '收货', none: '没有在途订单。', order: '订单 {id}', expected: '预计到货', noDate: '未定日期', lines: '{count} 种商品', due: '应到 {count}', complete: '已收齐', unsent: '此订单有一次收货待发送。', save: '保存', uncount: '没有到货',
    notHere: '{name} 不在此订单中。', unknown: '未知条码：{code}', finish: '收货入账', review: '确认入账？', asOrdered: '{count} 种与订单相符', surplus: '多于订单', surplusAsk: '多出的留下', surplusNo: '请改正数量，或选择留下多出的货。', short: '仍缺', more: '其余以后再到',
    closed: '不会再到：关闭订单', book: '入账', back: '返回', queued: '已记在本机，会尽快发送。', line: '{name}：{count}（应到 {expected}）',
  },
  lookup: {
    title: '查询', hint: '请扫描商品或输入名称。', none: '没有找到“{text}”。', perKg: '每千克', available: '可售', reserved: '已售未入账', onHand: '账面', safety: '安全库存', onOrder: '在途', expected: '预计 {date} 到货', notOrdered: '没有在途订单', below: '低于安全库存', blind: '正在盘点：盘点入账后再显示账面库存。', counted: '正在盘点', sku: '编号 {sku}',
  },
  approve: {
    title: '审批订单', none: '没有待处理的订单。', drafts: '待批准', approved: '待下单', total: '合计', packs: '{count} 箱，每箱 {size}', less: '减一箱', more: '加一箱', approve: '批准', place: '向 {supplier} 下单', placed: '已下单，预计 {date} 到货。', done: '已批准，请向 {supplier} 下单。', lines: '{count} 行',
    sure: '确认订货 {total}？', placeSure: '{supplier} 已收到订单了吗？', yes: '是', no: '否',
  },
  shelves: {
    title: '待查看的货架', none: '销售一切正常。', silent: '自 {time} 起没有售出，本应售出 {expected}；账面还有 {available}。',
    was_empty: '空的', misplaced: '在别处', was_there: '在架上', noted: '已记录：{name}', toCount: '已记录：{name}，需要盘点。', precision: '90 天内判断正确 {share} %。',
  },
  outbox: {
    title: '待发送与被拒', none: '已全部发送。', waiting: '等待发送', refused: '服务器拒绝', count: '盘点', receipt: '收货', discard: '丢弃', discardAsk: '确定永久丢弃这条记录？', discardYes: '丢弃', keep: '保留', add: '累加', surplus: '留下多出的货', send: '立即发送', quantity: '数量 {quantity}',
    products: '{count} 种商品', ofOthers: '本机还有其他用户的 {count} 条记录。', signIn: '请登录后发送。', tried: '已尝试 {count} 次。{reason}将自动重试。',
  },
}
