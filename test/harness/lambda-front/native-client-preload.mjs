import { registerHooks } from 'node:module'

/**
 * Lets the unmodified runtime client of npm run without its compiled addon, which needs cmake and a C++ compiler and
 * does not exist for macOS: the one `require` of the addon gets `native-client.mjs` instead. What a streaming handler
 * writes goes over the client's own JavaScript in both cases.
 *
 * Plain JavaScript, so that the process under test does not also load Node's type stripper.
 */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== './rapid-client.node') return next(specifier, context)
    return { url: new URL('./native-client.mjs', import.meta.url).href, format: 'module', shortCircuit: true }
  },
})
