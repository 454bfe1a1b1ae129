/** The words of the camera, for every page that shows it. */
export const cameraMessages = {
  en: {
    picture: 'Camera picture', close: 'Close', torch: 'Light', again: 'Try again', starting: 'Starting the camera…', read: 'Read: {code}',
    hints: {
      aim: 'Hold the barcode into the frame', dark: 'Too dark: more light, please', bright: 'Too bright: turn it out of the light', still: 'Hold it still',
      closer: 'Closer, please', turn: 'Turn the product: the bars upright',
    },
    trouble: {
      insecure: 'The browser lends the camera to secure pages only: open the shop with https:// or on this very computer.',
      denied: 'The browser may not use the camera. Allow it beside the address, then try again.',
      none: 'No camera found. Connect one, then try again.', busy: 'The camera does not answer: another program may be using it.',
    },
  },
  zh: {
    picture: '摄像头画面', close: '关闭', torch: '照明', again: '重试', starting: '正在启动摄像头…', read: '已读取：{code}',
    hints: {
      aim: '请将条码对准取景框', dark: '光线太暗，请加强照明', bright: '光线太亮，请避开强光', still: '请保持不动', closer: '请靠近一些', turn: '请转动商品，让条码竖直',
    },
    trouble: {
      insecure: '浏览器只允许安全页面使用摄像头：请用 https:// 打开，或直接在本机上打开。', denied: '浏览器未获准使用摄像头。请在地址栏旁允许后重试。',
      none: '没有找到摄像头。请连接后重试。', busy: '摄像头没有响应：可能正被其他程序使用。',
    },
  },
}
