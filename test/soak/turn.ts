import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 1024 })

export interface SoakTurn {
  readonly text: string
  /** How the answer ended. */
  readonly end: 'message_stop' | 'error' | 'nothing'
}

/** One streamed turn: its text, and whether it ended as a turn must. */
export function askOnce(url: string, content: string): Promise<SoakTurn> {
  const body = JSON.stringify({
    model: 'soak',
    max_tokens: 1000,
    stream: true,
    messages: [{ role: 'user', content }],
  })
  return new Promise((resolve) => {
    const broken = () => resolve({ text: '', end: 'nothing' })
    const outgoing = request(
      `${url}/v1/messages`,
      { agent, method: 'POST', headers: { 'content-type': 'application/json' } },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part) => parts.push(part))
        answer.on('error', broken)
        answer.on('end', () => {
          const whole = Buffer.concat(parts).toString()
          const text = [...whole.matchAll(/"type":"text_delta","text":"([^"]*)"/g)]
            .map(([, piece]) => piece)
            .join('')
          const failed = answer.statusCode !== 200 || whole.includes('event: error')
          const end = failed ? 'error' : whole.includes('event: message_stop') ? 'message_stop' : 'nothing'
          resolve({ text, end })
        })
      },
    )
    outgoing.on('error', broken)
    outgoing.end(body)
  })
}
