import { toAccessSettings } from './access-settings.ts'
import { type Authenticate, type BearerOptions, createAuthenticate } from './authenticate.ts'

/**
 * What the deployed function uses: `ACCESS_…` variables in, `Authenticate` out. Wrong settings let nobody in and say
 * why on every request; they do not stop the process, which on Lambda would show as a 502 without a word.
 */
export function authenticateFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  options: Pick<BearerOptions, 'keyRecords' | 'log'>,
): Authenticate {
  try {
    const { mode, ...settings } = toAccessSettings(environment)
    return createAuthenticate(mode === 'bearer' ? { mode, ...settings, ...options } : { mode })
  } catch (wrong) {
    return async () => {
      throw wrong
    }
  }
}
