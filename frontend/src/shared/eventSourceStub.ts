/** What a browser's EventSource looks like to a page, driven by a test. */
export class EventSourceStub extends EventTarget {
  static readonly CLOSED = 2
  static opened: EventSourceStub[] = []
  readyState = 0

  constructor(readonly url: string) {
    super()
    EventSourceStub.opened.push(this)
  }
  static get last(): EventSourceStub | undefined {
    return EventSourceStub.opened.at(-1)
  }
  get query(): URLSearchParams {
    return new URL(this.url, 'http://shop.example').searchParams
  }
  open() {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  say(name: string, data: unknown, lastEventId = '') {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId }))
  }
  /** `final`: the server refused, the browser does not try again. */
  fail(final: boolean) {
    this.readyState = final ? EventSourceStub.CLOSED : 0
    this.dispatchEvent(new Event('error'))
  }
  close() {
    this.readyState = EventSourceStub.CLOSED
  }
}
