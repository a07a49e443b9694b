import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
const PAGES = globSync(['*.md', 'docs/**/*.md'], { cwd: REPOSITORY })

function read(page: string): string {
  return readFileSync(join(REPOSITORY, page), 'utf8')
}

/** The anchor that GitHub gives a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

describe('the documentation', () => {
  test('links to pages and headings that exist', () => {
    const broken = PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)/g)].flatMap(
        ([link, path, anchor]) => {
          const target = path ? join(dirname(page), path) : page
          if (!existsSync(join(REPOSITORY, target))) return [`${page}: ${link}`]
          if (anchor === undefined || !target.endsWith('.md')) return []
          const anchors = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
            toAnchor(heading),
          )
          return anchors.includes(anchor) ? [] : [`${page}: ${link}`]
        },
      ),
    )
    assert.deepEqual(broken, [])
  })

  test('is found from the README, page by page', () => {
    const linked = new Set(
      PAGES.flatMap((page) =>
        [...read(page).matchAll(/\]\((?!https?:)([^)\s#]+)/g)].map(([, path = '']) =>
          join(dirname(page), path),
        ),
      ),
    )
    const lost = PAGES.filter(
      (page) => page.startsWith('docs/') && !page.startsWith('docs/decisions/') && !linked.has(page),
    )
    assert.deepEqual(lost, [])
  })

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json'))
    const unknown = PAGES.flatMap((page) =>
      [...read(page).matchAll(/npm run ([\w:-]+)/g)].flatMap(([command, name = '']) =>
        name in scripts ? [] : [`${page}: ${command}`],
      ),
    )
    assert.deepEqual(unknown, [])
  })

  test('gives every decision a date in its name and its three parts', () => {
    for (const page of PAGES.filter((each) => each.startsWith('docs/decisions/'))) {
      assert.match(page, /^docs\/decisions\/\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.md$/)
      for (const part of ['Context', 'Decision', 'Consequences']) {
        assert.match(read(page), new RegExp(`^(## ${part}$|\\*\\*${part}\\b)`, 'm'), page)
      }
    }
  })
})
