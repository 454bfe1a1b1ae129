import type { Messages } from './en'

export const zh: Messages = {
  app: { title: '收银台', till: '收银机 {till}', demo: '演示店', signOut: '退出', language: 'English', theme: '浅色／深色', skip: '购物篮' },
  login: {
    title: '登录', again: '请重新登录', kept: '购物篮已保留，登录后继续。', username: '用户名', password: '密码', till: '收银机', submit: '登录', busy: '正在登录…',
    offline: '服务器没有响应，正在重试…', wait: '请等待 {seconds} 秒后再试。',
    passwordOrPin: '密码或 PIN', code: '身份验证器应用的验证码', startAgain: '重新开始',
    choosePin: '设置新 PIN', newPin: '新 PIN（6 位数字）', newPinAgain: '再输入一次新 PIN', unequal: '两次输入的 PIN 不一致，请重新输入。',
  },
  enrol: { title: '登记此收银机', about: '代码由经理在后台管理的“已登记的收银机”中获取。', code: '代码', submit: '登记', cancel: '返回' },
  entry: { label: '条码、编号或名称', placeholder: '扫描或输入', times: '倍', looking: '正在查询 {count} 个扫描' },
  basket: {
    title: '购物篮', empty: '等待下一位顾客', emptyHint: '请扫描第一件商品。按 ? 查看全部按键。', product: '商品', quantity: '数量', price: '单价', stock: '库存', total: '金额', lines: '{count} 行',
    perKg: '每千克', pack: '整箱 {count} 件', label: '店内标签', short: '仅有', low: '所剩', inStock: '库存 {count}',
  },
  total: { due: '应付', pay: '收款', articles: '共 {count} 件', last: '上一张小票', change: '找零' },
  keys: {
    title: '键盘', close: '关闭', quantity: '数量', search: '查找', receipts: '小票', refund: '退货', park: '挂单', resume: '取单', card: '刷卡', cash: '现金', mobile: '扫码付', help: '按键', byCamera: '用摄像头扫描',
    sell: '销售', payGroup: '收款', other: '其他', scan: '随时扫描，光标在哪里都可以', typed: '按输入的条码、编号或名称查找', times: '下一次扫描或编码乘以 12', select: '选择一行',
    void: '删除所选行', clear: '清空购物篮', exact: '现金恰好：两键出小票', exactCard: '刷卡付清', exactMobile: '扫码付清', quick: '下一个整数金额', undo: '撤回上一笔部分付款（输入框为空时）',
    print: '打印小票', next: '下一位顾客（也可直接扫描）', escape: '关闭或返回', signOut: '退出登录（购物篮保留）', drawer: '打开钱箱（主管）', language: '中文／英文', theme: '浅色／深色', multiply: '乘以',
  },
  search: { title: '查找商品', label: '名称、编号或拼音首字母', none: '没有找到“{text}”', start: '请至少输入两个字符。', hint: '↑ ↓ 选择 · 回车加入 · Esc 关闭' },
  camera: { title: '用摄像头扫描', start: '每件商品只计一次；拿开后再放回，才会再计一次。' },
  choose: { title: '是哪一种商品？', text: '编码 {code} 对应多种商品。' },
  weight: { title: '请称重', label: '重量（千克）', wrong: '请输入千克数，最多三位小数，例如 0.450', add: '加入', at: '每千克 {price}', scale: '读取电子秤', hint: 'F2 或回车：读取电子秤 · 再按回车：加入' },
  quantity: { title: '修改数量', label: '数量', wrong: '请输入大于零的整数', wrongKg: '千克数，最多三位小数', wrongPack: '须为整箱，每箱 {count} 件', most: '每行最多 {count}', save: '修改' },
  clear: { title: '清空购物篮？', text: '将删除全部 {count} 行。', yes: '清空购物篮' },
  pay: {
    title: '收款', due: '应付', total: '合计', change: '找零', cash: '现金', card: '刷卡', mobile: '扫码付', received: '金额', exact: '恰好', confirm: '回车：收 {amount}', finish: '回车：完成销售',
    paidSoFar: '已付', missing: '还需支付', how: '付款方式', quick: '整数金额', wrong: '金额无效。', change_only_cash: '只有现金可以多于应付金额。', amount: '金额必须大于零。', much: '将找零 {change}。确认无误请再按一次回车。',
    hint: 'F9 现金 · F8 刷卡 · F10 扫码付 · ↑ ↓ 整数金额 · 回车收款 · Esc 返回',
  },
  sending: {
    title: '正在完成收款', text: '等待服务器答复。', retry: '尚无答复。正在重发同一笔销售（第 {attempt} 次），只会入账一次。', titleRefund: '正在完成退款', retryRefund: '尚无答复。正在重发同一笔退款（第 {attempt} 次），只会入账一次。',
    stop: 'Esc：停止等待', notStored: '服务器没有保存这笔销售。',
    stopping: '本次尝试后停止…', unknown: '暂时无法确认这笔销售是否已保存，请稍候。',
  },
  short: { title: '库存不足', text: '以下商品库存不足：', wanted: '需要', available: '可售', limit: '按可售数量销售', inHand: '货物就在手上', supervisor: '需要主管批准', back: '返回购物篮', removed: '删除', sell: '将销售' },
  prices: { title: '价格已变动', text: '继续之前请告知顾客。', was: '原价', agree: '按 {total} 继续', back: '返回购物篮' },
  approval: { title: '主管批准', goods_in_hand: '销售账面上没有的货物', refund_over_limit: '超过限额的退款', username: '主管', password: '密码', passwordOrPin: '密码或 PIN', submit: '批准' },
  receipt: {
    title: '小票', thanks: '谢谢惠顾', change: '找零', exact: '已付清', copy: '副本 {number}', number: '小票', till: '收银机', cashier: '收银员', total: '合计', returned: '已退', refund: '退款',
    print: '打印', next: '下一位顾客', refunded: '已退款', hint: 'P 打印 · 回车下一位 · 也可直接扫描',
  },
  printing: {
    waiting: '等待打印。', sending: '正在打印…', printed: '已打印。', perhaps: '可能已打印：请查看纸张。按 P 打印副本。', given_up: '未打印。',
    problems: {
      off: '打印机未开或未连接，恢复后会自动打印。', paper: '打印机缺纸。', cover: '打印机盖未关。', not_ready: '打印机未就绪。', broken_off: '连接中断。', unprintable: '这张小票无法打印。',
    },
    copySent: '副本已送往打印机。', drawer: '钱箱', drawerShut: '钱箱没有打开。{reason}', drawerKey: '请用钥匙打开。',
  },
  receipts: { title: '最近的小票', none: '还没有小票。', view: '查看', reprint: '打印副本', refund: '退货', hint: '↑ ↓ 选择 · 回车查看 · P 打印副本 · R 退货 · Esc 关闭' },
  refund: {
    title: '退货', number: '小票号', find: '查找', sold: '已售', left: '可退', quantity: '退货数量', to: '货物去向', shelf: '货架', waste: '报损', reason: '原因',
    reasons: { damaged: '商品损坏', wrong: '拿错商品', changed: '顾客改变主意' }, estimate: '约退 {amount}', submit: '退款', nothing: '请至少填写一行的退货数量。', needReason: '请填写原因。',
    tooMuch: '{name} 最多可退 {left}。', notNumber: '请检查 {name} 的数量。', nothingLeft: '这张小票的商品已全部退完。', done: '退款单 {number}', giveBack: '应退', hint: '↑ ↓ 换行 · F2 货架或报损 · 在“原因”中按 ↓ 选常用语 · F3 全部退货 · F9 退款', close: '关闭', all: '全部退货',
  },
  park: { title: '挂单', label: '备注（可不填）', hint: '例如顾客姓名', submit: '挂单', done: '已挂单。', empty: '没有可挂的商品。' },
  resume: { title: '已挂的单', none: '没有挂单。', taken: '已取单。', notEmpty: '请先结账或挂起当前购物篮。', lines: '{count} 行', hint: '↑ ↓ 选择 · 回车取单 · Esc 关闭', by: '{name}，{time}' },
  notice: {
    wholePieces: '{name} 只能按整件销售。', storageFull: '浏览器无法保存这笔销售，收款没有开始。', stopped: '已停止。销售没有入账，购物篮未变。', alreadyPaid: '这个购物篮已用小票 {number} 付过款。',
    scanIgnored: '未加入：{code}。请先完成或关闭收款。', scanIgnoredHere: '未加入：{code}。请先关闭此窗口。', voided: '已删除：{name}', newPrice: '{name} 的新价格：{now}（原为 {was}）', noLine: '请先选择一行。', labelDead: '{name} 的标签已失效。按 Del 删除此行，再重新称重或扫描。', labelFixed: '{name} 的数量由标签决定。请删除此行，或再扫描一个。', busy: '正在完成一笔销售。', tooMany: '未加入：{name}。每行最多 {count}，其余请另开一单。', lookingUp: '所有扫描查询完毕后打开收款。', noDrawer: '您的账号不能打开钱箱，请找主管。',
    updated: '购物篮已按可售数量调整。', noRefund: '您的账号不能退货，请找主管。',
  },
  banner: { offline: '与服务器的连接中断。购物篮安全；扫描会保留，恢复后立即查询。', waiting: '{count} 个扫描等待中', notOnPaper: '有 {count} 张小票尚未打印出来：请查看打印机。' },
  common: { close: '关闭', cancel: '取消', error: '没有成功：连接中断。' },
}
