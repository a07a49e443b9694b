import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

/** A fresh machine has Node and npm, and no compiler. */

function read(file: string) {
  return JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))
}

/** Scripts that were looked at: they need nothing but Node. */
const HARMLESS = ['node_modules/classic-level', 'node_modules/esbuild', 'node_modules/node']

test('npm ci runs no install script that needs a compiler, with any npm', () => {
  // npm 11 obeys `allowScripts` of package.json. Older ones run what the lock file marks, so aws-lambda-ric, which
  // compiles curl with cmake, must not be marked. Without the mark npm 10 does not look for its script.
  const { packages } = read('package-lock.json')
  const marked = Object.keys(packages).filter((path) => packages[path].hasInstallScript === true)
  assert.deepEqual(marked.sort(), HARMLESS)
  assert.equal(read('package.json').allowScripts['aws-lambda-ric'], false)
})

test('Node 24, which the function runs on, comes along', () => {
  assert.match(read('package.json').devDependencies.node, /^24\./)
  assert.match(process.version, /^v24\./)
})

test('the AWS CDK command line is a 2.x: the 3.0.0 on npm was published by accident', () => {
  assert.match(read('package.json').devDependencies['aws-cdk'], /^2\./)
})
