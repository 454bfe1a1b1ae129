import type { Messages } from './en'

export const zh: Messages = {
  title: '经营看板', demo: '演示店', office: '后台', find: '查找商品', notFound: '没有找到商品。', theme: '明暗切换', store: '门店', allStores: '全部门店',
  loading: '加载中…', nothing: '这段时间没有数据。', unreachable: '无法连接服务器，显示的是较早的数据。', asOf: '截至 {time}',
  day: '日期', hour: '时段', receipts: '小票数', lines: '行数', refunds: '退款', quantity: '数量', amount: '金额', margin: '毛利', total: '合计',
  category: '类别', shareUnits: '数量占比', shareNet: '金额占比',
  view: { label: '{name}的显示方式', chart: '图表', table: '表格' },
  period: {
    label: '时间段', from: '从', to: '到', apply: '查看', last7: '7 天', last28: '28 天', last91: '13 周', last365: '1 年', this: '本期',
    weekdays: '之前的相同星期', previousShort: '比上期', weekdaysShort: '比相同星期',
    wrong: '日期请写成 YYYY-MM-DD，须先后有序，且最多相隔 400 天。', form: 'YYYY-MM-DD', calendar: '日历：{day}',
  },
  tiles: {
    taken: '今日销售', against: '比此时预期 {amount} {change}', noExpectation: '尚无可比数据',
    nothing: '尚无销售', nothingByNow: '尚无销售 · 此时预期 {amount}', nothingToday: '尚无销售 · 全天预期 {amount}', basket: '平均客单价',
    receipts: '{count} 张小票 · 平均 {lines} 行', low: '低于安全库存', lowNote: '门店中的商品', nobody: '{count} 个没有有效供应商',
    orders: '待您处理的订单', placed: '{count} 张已下单在途', exceptions: '货架与账面不符', shelves: '{count} 个货架待查看',
    accuracy: '库存准确率', notCounted: '90 天内未盘点', counted: '{counted} 行盘点中 {right} 行相符', proved: '账目已核对：{time}',
    violations: '账目有 {count} 处不符', notProved: '账目尚未核对',
  },
  today: {
    heading: '今日分时销售', taken: '实际', expected: '预期', summary: '今日分时销售：目前 {taken}，全天预期 {expected}。',
    from: { forecast: '预期：当日预测，按相同星期的时段分布。', weekdays: '尚无预测：预期为最近八个相同星期的平均值。', none: '尚无历史数据可供预期。' },
  },
  alerts: { heading: '库存预警', available: '可售', safety: '安全库存', level: '明细', open: '库存', all: '全部', more: '另有 {count} 个低于安全库存。', none: '没有商品低于安全库存。' },
  sales: {
    categories: '类别分析', products: '畅销商品', inCategory: '{name}：商品', allProducts: '全部商品', offer: '促销',
    summary: '共 {count} 项。最大的是{name}，{amount}，总计 {total}。', more: '其余 {count} 项见文件。',
    soFar: '今天尚未结束：对比期的最后一天只计到同一时刻。', nothingYet: '尚无销售。',
    comparedOnce: '金额已扣除退款。对比 {first}–{last}（上期，星期相同）。',
    compared: '金额已扣除退款。对比 {previousFirst}–{previousLast}（上期）和 {first}–{last}（相同星期）。',
  },
  product: {
    heading: '商品', name: '商品', sold: '售出', returned: '退回', missing: '缺货', hours: '{open} 小时中 {missing}', rows: '明细', open: '库存流水',
    mean: '预测', upTo: '至', atMost: '{share}%：{quantity}', available: '可售 {quantity}', keyMissing: '当天部分时间缺货', keyOffer: '促销',
    summary: '{name}：售出 {sold}，{missing} 天缺货。', foreseen: '预测：未来 {days} 天 {amount}。',
    noFan: '该商品尚无预测。', noFanOfAll: '预测按门店进行：请选择一家门店。', method: '预测方法 {method}，误差 {error}，基于 {days} 天历史。色带的上沿分别为此类日子的 80%、90%、95% 和 97.5% 不会超过的数量。',
  },
  methods: {
    blend: '星期规律与提升树的混合', weekday_shape: '星期规律', moving_average: '移动平均', seasonal_naive: '上周同一天', ets: '指数平滑', theta: 'Theta 方法', croston: 'Croston 方法',
    sba: '修正的 Croston 方法', tsb: 'Teunter-Syntetos-Babai 方法', arima700: 'ARIMA(7,0,0)', seasonal_arima: '季节 ARIMA', recent_mean: '短期历史均值',
    nothing_sold: '至今无销售',
  },
  takings: {
    days: '每日销售', hours: '分时销售', perDay: '每营业日', basket: '平均每张小票 {amount}、{lines} 行；共 {count} 张小票。',
    daysSummary: '{days} 天共 {amount}。', hoursSummary: '销售最好的时段从 {hour}:00 开始。',
  },
  stock: {
    heading: '库存金额', value: '按进价', retail: '按售价', cover: '可售天数', days: '{days} 天', long: '2 年以上', products: '商品数', onHand: '库存', sold: '28 天销量',
    slow: '滞销商品', dead: '呆滞库存', slowNote: '按最近 28 天销量计算，可售天数最长的商品。', deadNote: '{count} 个商品 90 天无销售：{value}。', noDead: '没有超过 90 天未售出的库存。', none: '没有库存。',
    summary: '货架上按进价 {value}，够卖 {days}。',
  },
  expiring: {
    heading: '临期库存', quantity: '临期数量', past: '其中 {quantity} 已过期', sellBy: '最迟销售日', over: '已过期', left: '预计剩余', value: '按进价',
    note: '临期库存按进价 {value}，其中 {past} 已过保质期。',
    none: '{count} 个有保质期的商品中没有即将到期的。', unknown: '库存中没有设置保质期的商品。',
    how: '估算：按收货记录和保质期，先进先出；预计剩余按最近 28 天的销量计算。',
    summary: '{count} 个商品即将到期或已过期，按进价 {value}。最大的是{name}，{most}。', more: '其余 {count} 个见文件。',
    soon: '即将到期', gone: '已过期',
  },
  people: { heading: '收银员', name: '收银员', average: '平均客单价', refundShare: '退款占比' },
  losses: {
    heading: '损耗', reason: '原因', movements: '笔数', most: '主要商品', note: '按当前进价计算；损失为负数。',
    kinds: { waste: '报损', theft: '盗窃', correction: '更正', count: '盘点', found: '盘盈' },
  },
}
