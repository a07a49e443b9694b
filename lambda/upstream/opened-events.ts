import type { MessageEvent } from '../anthropic/message-event.ts'

/** So long an answer with a good status may stay silent before the caller is told of it all the same. */
const SILENCE_MILLISECONDS = 10_000

/**
 * The same events, once the first batch is there: until then an error can still become a status, and a retry. A model
 * that thinks before it says anything keeps its provider silent for minutes after a good status, and the caller needs
 * pings: so after a while the stream counts as opened, and its first batch comes when it comes.
 * @throws what the events throw before their first batch.
 */
export async function openedEvents(
  events: AsyncIterable<readonly MessageEvent[]>,
  silenceMilliseconds = SILENCE_MILLISECONDS,
): Promise<AsyncIterable<readonly MessageEvent[]>> {
  const iterator = events[Symbol.asyncIterator]()
  let first: Promise<IteratorResult<readonly MessageEvent[]>> | undefined = iterator.next()
  await inTimeOrLater(first, silenceMilliseconds)
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        const next = first ?? iterator.next()
        first = undefined
        return next
      },
      async return() {
        await iterator.return?.()
        return { done: true, value: undefined }
      },
    }),
  }
}

function inTimeOrLater(first: Promise<unknown>, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    first
      .then(() => resolve(), reject)
      .finally(() => {
        clearTimeout(timer)
      })
  })
}
