/** The camera as a scanner: the component, what it emits, and its words. */
export { default as CameraScanner } from './CameraScanner.vue'
export { lookUpText, type CameraCode } from './codes'
export { cameraMessages } from './messages'
